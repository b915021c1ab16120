"""Which engine is meant: the docker CLI's precedence, and addresses that are none."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from rollout.errors import UsageError
from rollout.swarm import ssh
from rollout.swarm.endpoint import DEFAULT_HOST, Endpoint, Tls, choose


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".docker").mkdir()
    return tmp_path


def add_context(home: Path, name: str, endpoint: dict[str, Any], *, files: tuple[str, ...] = ()) -> None:
    key = sha256(name.encode()).hexdigest()
    contexts = home / ".docker" / "contexts"
    (contexts / "meta" / key).mkdir(parents=True)
    meta = {"Name": name, "Metadata": {}, "Endpoints": {"docker": endpoint}}
    (contexts / "meta" / key / "meta.json").write_text(json.dumps(meta))
    for file in files:
        (contexts / "tls" / key / "docker").mkdir(parents=True, exist_ok=True)
        (contexts / "tls" / key / "docker" / file).write_text("")


def use_context(home: Path, name: str) -> None:
    (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name, "auths": {}}))


def test_precedence(home: Path) -> None:
    environ = {"HOME": str(home)}
    assert choose(None, environ) == Endpoint(DEFAULT_HOST, "the default")
    add_context(home, "one", {"Host": "ssh://one"})
    add_context(home, "two", {"Host": "ssh://two"})
    use_context(home, "one")
    assert choose(None, environ) == Endpoint("ssh://one", "context one")
    environ["DOCKER_CONTEXT"] = "two"
    assert choose(None, environ) == Endpoint("ssh://two", "context two")
    environ["DOCKER_HOST"] = "ssh://three"
    assert choose(None, environ) == Endpoint("ssh://three", "DOCKER_HOST")
    assert choose("ssh://four", environ) == Endpoint("ssh://four", "--host")


def test_empty_variables_are_none(home: Path) -> None:
    environ = {"HOME": str(home), "DOCKER_HOST": "", "DOCKER_CONTEXT": "", "DOCKER_TLS_VERIFY": ""}
    assert choose(None, environ) == Endpoint(DEFAULT_HOST, "the default")
    assert choose("tcp://h:1", environ).tls is None


def test_context_named_default_is_none(home: Path) -> None:
    use_context(home, "other")
    assert choose(None, {"HOME": str(home), "DOCKER_CONTEXT": "default"}).host == DEFAULT_HOST


def test_context_that_is_not_there(home: Path) -> None:
    use_context(home, "gone")
    with pytest.raises(UsageError, match="no docker context named 'gone'") as caught:
        choose(None, {"HOME": str(home)})
    assert "docker context ls" in caught.value.hint


@pytest.mark.parametrize("text", ["{", "[]", "\x00"])
def test_broken_config_does_not_lead_to_another_engine(home: Path, text: str) -> None:
    (home / ".docker" / "config.json").write_text(text)
    with pytest.raises(UsageError, match=r"config\.json"):
        choose(None, {"HOME": str(home)})
    assert choose("ssh://x", {"HOME": str(home)}).host == "ssh://x"


def test_docker_config_moves_the_folder(home: Path, tmp_path: Path) -> None:
    use_context(home, "nowhere")
    environ = {"HOME": str(home), "DOCKER_CONFIG": str(tmp_path / "empty")}
    assert choose(None, environ).host == DEFAULT_HOST


def test_tls_of_the_environment(tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).write_text("")
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path), "DOCKER_HOST": "tcp://h:2376"}
    files = (str(tmp_path / "ca.pem"), str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    assert choose(None, environ).tls == Tls(*files, verify=True)
    assert choose("ssh://h", environ).tls is None
    assert choose("unix:///x.sock", environ).tls is None


def test_tls_of_a_context(home: Path) -> None:
    environ = {"HOME": str(home)}
    add_context(home, "ca-only", {"Host": "tcp://h:2376"}, files=("ca.pem",))
    add_context(home, "blind", {"Host": "tcp://h:2376", "SkipTLSVerify": True})
    add_context(home, "plain", {"Host": "tcp://h:2375", "SkipTLSVerify": False})
    found = {
        name: choose(None, environ | {"DOCKER_CONTEXT": name}).tls for name in ("ca-only", "blind", "plain")
    }
    assert found["ca-only"]
    assert found["ca-only"].ca
    assert found["ca-only"].cert is None
    assert found["ca-only"].verify
    assert found["blind"] == Tls(None, None, None, verify=False)
    assert found["plain"] is None


def test_address_without_scheme_is_tcp() -> None:
    assert choose("prod:2375", {}).host == "tcp://prod:2375"


@pytest.mark.parametrize(
    "host", ["npipe:////./pipe/x", "fd://", "tcp://", "tcp://h:port", "tcp://h:99999", "ftp://h", "tcp://h/?q=1",
             "tcp://h h:1", "unix://", "ssh://", "http://[::1"]
)  # fmt: skip
def test_addresses_that_are_none(host: str) -> None:
    with pytest.raises(UsageError, match="not an address") as caught:
        choose(host, {})
    assert "ssh://user@host" in caught.value.hint


def test_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="contains a password") as caught:
        choose("ssh://deploy:geheim@host", {})
    assert "geheim" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("host", "ends"),
    [
        ("ssh://host", ["--", "host", "docker system dial-stdio"]),
        (
            "ssh://host/var/run/x y.sock",
            ["--", "host", "docker --host='unix:///var/run/x y.sock' system dial-stdio"],
        ),
    ],
)
def test_ssh_command(host: str, ends: list[str]) -> None:
    assert list(ssh.command(host))[-3:] == ends


def test_ssh_user_and_port() -> None:
    command = ssh.command("ssh://deploy@host:2222")
    assert command[:5] == ("ssh", "-l", "deploy", "-p", "2222")


@pytest.mark.parametrize(
    "host", ["ssh://-oProxyCommand=x@host", "ssh://a%20b@host", "ssh://$(x)@host", "ssh://-host"]
)
def test_ssh_takes_no_options_from_an_address(host: str) -> None:
    with pytest.raises(UsageError):
        ssh.command(host)
