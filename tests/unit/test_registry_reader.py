"""An image's config, read from a registry that is played: how it wants the login, and what makes no sense."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from unit import fake_engine as fake

from rollout.errors import EngineReplyInvalid
from rollout.model import Image, Login
from rollout.registry import reader as reading
from rollout.registry.account import Account
from rollout.registry.offers import ImageConfigs
from rollout.registry.reader import RegistryReader
from rollout.swarm import connect

INDEX, AMD, ARM, BLOB = (f"sha256:{digit * 64}" for digit in "1234")
CONFIG = {
    "os": "linux",
    "architecture": "amd64",
    "config": {
        "StopSignal": "SIGQUIT",
        "ExposedPorts": {"9000/tcp": {}},
        "Labels": {"org.opencontainers.image.revision": "4f2c1e7"},
        "Healthcheck": {"Test": ["CMD", "ping-fpm"], "Interval": 2_000_000_000},
    },
}
USER = ("ci", "geheim")
BASIC = "Basic " + base64.b64encode(b"ci:geheim").decode()


class FakeRegistry:
    """Holds one image for two platforms; ``wants`` is the header without which it refuses."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.wants = ""
        self.challenge = ""
        self.leads: dict[str, str] = {}
        self.asked: list[tuple[str, str]] = []
        self.objects: dict[str, Any] = {
            f"/v2/shop/app/manifests/{INDEX}": {"manifests": [listed(ARM, "arm64"), listed(AMD, "amd64")]},
            f"/v2/shop/app/manifests/{AMD}": {"config": {"digest": BLOB}},
            f"/v2/shop/app/blobs/{BLOB}": CONFIG,
        }

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    def reader(self, user: tuple[str, str] | None = USER) -> RegistryReader:
        return RegistryReader(self.name, f"{self.name}/shop/app", user, plain_http=True)


def listed(digest: str, architecture: str) -> dict[str, Any]:
    return {"digest": digest, "platform": {"os": "linux", "architecture": architecture}}


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    class Talk(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            path, login = self.path.partition("?")[0], self.headers.get("Authorization", "")
            held.asked.append((self.path, login))
            if path.startswith("/v2/") and held.wants and login != held.wants:
                self.send_response(401)
                self.send_header("WWW-Authenticate", held.challenge)
                self.end_headers()
                return
            if path in held.leads:
                self.send_response(307)
                self.send_header("Location", held.leads[path])
                self.end_headers()
                return
            body = held.objects.get(path)
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    held = FakeRegistry(server.server_address[1])
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield held
    server.shutdown()
    server.server_close()


def test_of_several_platforms_the_likeliest_is_read(registry: FakeRegistry):
    assert registry.reader().config(INDEX) == CONFIG


def test_an_image_for_one_platform(registry: FakeRegistry):
    assert registry.reader().config(AMD) == CONFIG


def test_no_login_is_sent_where_none_is_wanted(registry: FakeRegistry):
    registry.reader().config(INDEX)
    assert {login for _, login in registry.asked} == {""}


def test_a_password_where_that_is_wanted(registry: FakeRegistry):
    registry.wants, registry.challenge = BASIC, 'Basic realm="ecr"'
    assert registry.reader().config(INDEX) == CONFIG


def test_a_token_where_that_is_wanted(registry: FakeRegistry):
    registry.wants = "Bearer t0ken"
    registry.challenge = (
        f'Bearer realm="http://{registry.name}/token",service="r",scope="repository:shop/app:pull"'
    )
    registry.objects["/token"] = {"token": "t0ken"}
    assert registry.reader().config(INDEX) == CONFIG
    ((path, login),) = [asked for asked in registry.asked if asked[0].startswith("/token")]
    assert "scope=repository%3Ashop%2Fapp%3Apull" in path
    assert login == BASIC


def test_a_registry_with_tls_cannot_have_the_password_sent_without(registry: FakeRegistry):
    registry.wants, registry.challenge = "Bearer x", f'Bearer realm="ftp://{registry.name}/token"'
    with pytest.raises(OSError, match="401"):
        registry.reader().config(INDEX)
    assert {login for _, login in registry.asked} == {""}


def test_of_two_ways_to_log_in_each_keeps_its_own_parameters(registry: FakeRegistry):
    registry.wants = "Bearer t0ken"
    registry.challenge = f'Bearer realm="http://{registry.name}/token",service="a", Basic realm="b"'
    registry.objects["/token"] = {"token": "t0ken"}
    assert registry.reader().config(INDEX) == CONFIG
    assert any(path == "/token?service=a" for path, _ in registry.asked)


def test_challenges_are_told_apart():
    header = (
        'Bearer realm="https://auth.example/token",scope="repository:a:pull,push", Negotiate, Basic realm="x"'
    )
    assert reading.challenged(header) == {
        "bearer": {"realm": "https://auth.example/token", "scope": "repository:a:pull,push"},
        "negotiate": {},
        "basic": {"realm": "x"},
    }


def test_what_is_in_netrc_is_sent_nowhere(
    registry: FakeRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password geheim\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    blob = f"/v2/shop/app/blobs/{BLOB}"
    registry.leads[blob] = f"http://localhost:{registry.port}/elsewhere"
    registry.objects["/elsewhere"] = CONFIG
    assert registry.reader(None).config(INDEX) == CONFIG
    assert {login for _, login in registry.asked} == {""}


def test_a_password_does_not_follow_to_another_host(registry: FakeRegistry):
    registry.wants, registry.challenge = BASIC, 'Basic realm="x"'
    registry.leads[f"/v2/shop/app/blobs/{BLOB}"] = f"http://localhost:{registry.port}/elsewhere"
    registry.objects["/elsewhere"] = CONFIG
    assert registry.reader().config(INDEX) == CONFIG
    assert dict(registry.asked)["/elsewhere"] == ""


def test_a_wrong_login_is_sent_once(registry: FakeRegistry):
    registry.wants, registry.challenge = BASIC, 'Basic realm="ecr"'
    with pytest.raises(OSError, match="401"):
        registry.reader(("ci", "stale")).config(INDEX)
    assert len(registry.asked) == 2


@pytest.mark.parametrize("digest", ["../../../secret", "sha256:1", "", "sha256:" + "g" * 64])
def test_a_digest_that_is_none_leads_nowhere(registry: FakeRegistry, digest: str):
    registry.objects[f"/v2/shop/app/manifests/{AMD}"] = {"config": {"digest": digest}}
    with pytest.raises(EngineReplyInvalid):
        registry.reader().config(AMD)
    assert len(registry.asked) == 1


def test_an_answer_without_end_is_not_read(registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 1000)
    registry.objects[f"/v2/shop/app/manifests/{AMD}"] = b"x" * 100_000
    with pytest.raises(EngineReplyInvalid, match="without end"):
        registry.reader().config(AMD)


@pytest.fixture
def configs(registry: FakeRegistry, tmp_path: Path) -> Iterator[ImageConfigs]:
    """As they are read beside an engine that has the registry among its insecure ones."""
    with fake.fake_engine(tmp_path) as engine:
        known = {registry.name: {"Name": registry.name, "Secure": False}}
        engine.on("GET /info", fake.says({"RegistryConfig": {"IndexConfigs": known}}))
        yield ImageConfigs(connect(engine.host, {}))


def test_what_the_image_brings_along(registry: FakeRegistry, configs: ImageConfigs):
    registry.wants, registry.challenge = BASIC, 'Basic realm="ecr"'
    login = Account(*USER).login(registry.name)
    found = configs.read(Image(f"{registry.name}/shop/app", "1", INDEX), login)
    assert found is not None
    assert found.stop_signal == "SIGQUIT"
    assert found.healthcheck.interval == 2.0
    assert found.labels["org.opencontainers.image.revision"] == "4f2c1e7"


@pytest.mark.parametrize("login", [None, Account("", "", identity_token="t").login("r")])
def test_what_cannot_be_read_is_not_known(registry: FakeRegistry, configs: ImageConfigs, login: Login | None):
    registry.wants, registry.challenge = BASIC, 'Basic realm="ecr"'
    assert configs.read(Image(f"{registry.name}/shop/app", "1", INDEX), login) is None


@pytest.mark.parametrize(
    "config",
    [b"[" * 200_000, b'{"config": {"Healthcheck": {"Interval": ' + b"9" * 5000 + b"}}}"],
    ids=["nested", "a number without end"],
)
def test_a_config_that_is_beyond_reading_is_not_known(
    registry: FakeRegistry, configs: ImageConfigs, config: bytes, capfd: pytest.CaptureFixture[str]
):
    registry.objects[f"/v2/shop/app/blobs/{BLOB}"] = config
    assert configs.read(Image(f"{registry.name}/shop/app", "1", INDEX), None) is None
    assert capfd.readouterr().err == ""


def test_a_registry_that_is_not_there_is_not_known(configs: ImageConfigs):
    assert configs.read(Image("127.0.0.1:1/shop/app", "1", INDEX), None) is None
