"""Every way to an engine, against the real thing: Unix socket, docker context, ssh, and dockerd's own TLS."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from e2e import connections
from e2e.connections import SshHost, TlsEngine

from rollout.clock import SystemClock
from rollout.errors import EngineRefused, EngineUnavailable, NotASwarmManager, RolloutError
from rollout.lab import Lab
from rollout.swarm import EngineClient, EngineSwarm, Patience, connect

pytestmark = pytest.mark.lab
IMPATIENT = Patience(SystemClock(), 0)


def alive(process: int) -> bool:
    """Whether a process runs, and is not just waiting to be noticed as dead."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def failure_of(host: str, environ: dict[str, str]) -> RolloutError:
    with pytest.raises(RolloutError) as caught:
        connect(host, environ)
    return caught.value


def write_context(folder: Path, name: str, host: str, *, current: bool, tls: Path | None = None) -> None:
    """What `docker context create` (and `use`) leave behind."""
    key = sha256(name.encode()).hexdigest()
    meta = folder / "contexts" / "meta" / key
    meta.mkdir(parents=True)
    endpoint = {"Host": host, "SkipTLSVerify": False}
    (meta / "meta.json").write_text(
        json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}})
    )
    if current:
        (folder / "config.json").write_text(json.dumps({"currentContext": name}))
    if tls:
        kept = folder / "contexts" / "tls" / key / "docker"
        kept.mkdir(parents=True)
        for file in tls.iterdir():
            (kept / file.name).write_bytes(file.read_bytes())


@pytest.fixture(scope="module")
def ssh_host(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshHost]:
    reason = connections.missing("ssh", "sshd", "ssh-keygen", "docker")
    if reason:
        pytest.skip(reason)
    with connections.sshd(tmp_path_factory.mktemp("ssh"), lab.node(1).host) as server:
        yield server


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsEngine]:
    reason = connections.missing("openssl", "unshare")
    if reason:
        pytest.skip(reason)
    with connections.tls_engine(tmp_path_factory.mktemp("tls")) as engine:
        yield engine


class TestLocal:
    def test_unix_socket(self, lab: Lab) -> None:
        facts = EngineSwarm(connect(lab.node(1).host, {})).facts()
        assert facts.hostname == lab.node(1).name
        assert facts.cluster_id
        assert facts.node_id
        assert tuple(map(int, facts.api.split("."))) >= (1, 41)

    def test_current_context(self, lab: Lab, tmp_path: Path) -> None:
        write_context(tmp_path, "prod", lab.node(1).host, current=True)
        client = connect(None, {"DOCKER_CONFIG": str(tmp_path)})
        assert client.endpoint.origin == "context prod"
        assert EngineSwarm(client).facts().hostname == lab.node(1).name

    def test_context_without_a_config_file(self, lab: Lab, tmp_path: Path) -> None:
        write_context(tmp_path, "prod", lab.node(1).host, current=False)
        client = connect(None, {"DOCKER_CONFIG": str(tmp_path), "DOCKER_CONTEXT": "prod"})
        assert EngineSwarm(client).facts().hostname == lab.node(1).name

    def test_worker_names_its_managers(self, lab: Lab) -> None:
        with pytest.raises(NotASwarmManager) as caught:
            EngineSwarm(connect(lab.node(3).host, {}), IMPATIENT).services()
        assert "is a worker of its Swarm" in caught.value.message
        assert lab.node(1).address in caught.value.hint

    def test_one_connection_is_kept(self, lab: Lab) -> None:
        client = connect(lab.node(1).host, {})
        swarm = EngineSwarm(client)
        for _ in range(5):
            swarm.services()
            swarm.nodes()
            swarm.now()
        assert client.get_adapter(client.base_url)._pool.num_connections == 1


class TestSsh:
    @pytest.fixture
    def server(self, ssh_host: SshHost, monkeypatch: pytest.MonkeyPatch) -> SshHost:
        monkeypatch.setenv("PATH", ssh_host.search_path)
        ssh_host.configure()
        ssh_host.forget_starts()
        return ssh_host

    @pytest.fixture
    def client(self, server: SshHost) -> Iterator[EngineClient]:
        client = connect(None, {"DOCKER_HOST": server.host})
        yield client
        client.close()

    def test_fifty_calls_take_one_ssh(self, server: SshHost, client: EngineClient, lab: Lab) -> None:
        swarm = EngineSwarm(client)
        for _ in range(25):
            swarm.services()
            swarm.nodes()
        assert swarm.facts().hostname == lab.node(1).name
        assert len(server.starts) == 1

    def test_no_ssh_is_left_behind(self, server: SshHost, client: EngineClient) -> None:
        (process,) = server.starts
        assert alive(process)
        client.close()
        assert not alive(process)

    def test_dead_ssh_is_replaced(self, server: SshHost, client: EngineClient) -> None:
        os.kill(server.starts[0], signal.SIGKILL)
        time.sleep(0.2)
        EngineSwarm(client, IMPATIENT).services()
        assert len(server.starts) == 2

    def test_silent_ssh_times_out(self, server: SshHost, client: EngineClient) -> None:
        os.kill(server.starts[0], signal.SIGSTOP)
        begun = time.monotonic()
        with pytest.raises(EngineUnavailable, match="no answer in time"):
            client.read("list the nodes", "/nodes", timeout=1)
        assert time.monotonic() - begun < 5
        assert not alive(server.starts[0])

    def test_interrupt_at_the_terminal_does_not_reach_ssh(
        self, server: SshHost, client: EngineClient
    ) -> None:
        assert os.getsid(server.starts[0]) != os.getsid(0)

    def test_socket_may_be_named(self, server: SshHost, lab: Lab) -> None:
        client = connect(f"{server.host}{lab.node(2).socket}", {})
        assert client.read("ask", "/info")["Name"] == lab.node(2).name
        client.close()

    def test_unknown_host(self, server: SshHost) -> None:
        server.configure(known_hosts="nobody")
        error = failure_of(server.host, {})
        assert isinstance(error, EngineUnavailable)
        assert "ssh failed" in error.message
        assert "Host key verification failed" in error.message
        assert "dial-stdio" in error.hint

    def test_refused_key(self, server: SshHost) -> None:
        server.configure(key="stranger")
        assert "Permission denied (publickey)" in failure_of(server.host, {}).message

    def test_nobody_listens(self, server: SshHost) -> None:
        error = failure_of(f"ssh://root@127.0.0.1:{connections.free_port()}", {})
        assert "Connection refused" in error.message

    def test_no_engine_over_there(self, server: SshHost) -> None:
        error = failure_of(f"{server.host}/no/such.sock", {})
        assert isinstance(error, EngineUnavailable)
        assert "no such file or directory" in error.message


class TestTls:
    def test_both_sides_know_each_other(self, engine: TlsEngine) -> None:
        facts = EngineSwarm(connect(engine.host, engine.environment()), IMPATIENT).facts()
        assert facts.engine
        assert not facts.cluster_id

    def test_engine_outside_of_a_swarm(self, engine: TlsEngine) -> None:
        with pytest.raises(NotASwarmManager, match="is not part of a Swarm") as caught:
            EngineSwarm(connect(engine.host, engine.environment()), IMPATIENT).services()
        assert "docker swarm init" in caught.value.hint

    def test_context_with_certificates(self, engine: TlsEngine, tmp_path: Path) -> None:
        write_context(tmp_path, "prod", engine.host, current=True, tls=engine.folder / "client")
        assert EngineSwarm(connect(None, {"DOCKER_CONFIG": str(tmp_path)}), IMPATIENT).facts().engine

    def test_ca_of_the_environment_stays_out_of_it(
        self, engine: TlsEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(engine.folder / "other-ca.pem"))
        assert connect(engine.host, engine.environment())

    def test_unverified(self, engine: TlsEngine) -> None:
        environ = {"DOCKER_TLS": "1", "DOCKER_CERT_PATH": str(engine.folder / "mistrusting")}
        with pytest.warns(match="Unverified HTTPS request"):
            connect(engine.host, environ)

    def test_wrong_authority(self, engine: TlsEngine) -> None:
        error = failure_of(engine.host, engine.environment("mistrusting"))
        assert isinstance(error, EngineUnavailable)
        assert "certificate is not trusted" in error.message
        assert "ca.pem" in error.hint

    def test_unknown_client(self, engine: TlsEngine) -> None:
        error = failure_of(engine.host, engine.environment("anonymous"))
        assert isinstance(error, EngineUnavailable)
        assert "TLS failed" in error.message
        assert "cert.pem" in error.hint

    def test_plain_words_to_a_tls_socket(self, engine: TlsEngine) -> None:
        error = failure_of(engine.host, {})
        assert isinstance(error, EngineRefused)
        assert "HTTP request to an HTTPS server" in error.message
        assert "DOCKER_TLS_VERIFY" in error.hint
