"""The port Registry: what 20.10.24 really answers (seen on the lab), and what each answer means."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from unit import fake_engine as fake
from unit.engine_shapes import DIGEST, DISTRIBUTION, TOO_LATE
from unit.fake_engine import FakeEngine

from rollout.errors import (
    EngineRefused,
    EngineReplyInvalid,
    EngineUnavailable,
    ImageNotFound,
    RegistryDenied,
    RegistryUnavailable,
    RolloutError,
)
from rollout.model import Availability, Image, Login, Offer
from rollout.registry import EngineRegistry, ecr
from rollout.registry.errors import Lookup, refusal
from rollout.sim.clock import SimClock
from rollout.swarm import Patience, connect
from rollout.swarm.errors import Call

APP = Image("198.18.1.1:5000/shop/app", "v2")
CALL = "GET /distribution/198.18.1.1:5000/shop/app:v2/json"
ECR = "637345297332.dkr.ecr.eu-west-1.amazonaws.com"
DOWN = 'Get "http://198.18.1.1:5000/v2/": dial tcp 198.18.1.1:5000: connect: connection refused'
SILENT = 'Get "http://r:5000/v2/": net/http: request canceled (Client.Timeout exceeded)'
NO_NAME = 'Get "https://nope.invalid/v2/": dial tcp: lookup nope.invalid on 127.0.0.53:53: no such host'
NO_LOGIN = 'Head "http://198.18.1.1:5000/v2/shop/app/manifests/v2": no basic auth credentials'
UNTRUSTED = 'Get "https://198.18.1.1:5000/v2/": x509: certificate signed by unknown authority'
EXPIRED = "denied: Your authorization token has expired. Reauthenticate and try again."


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setattr(ecr, "installed", lambda: False)
    with fake.fake_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def clock() -> SimClock:
    return SimClock()


@pytest.fixture
def registry(engine: FakeEngine, clock: SimClock) -> EngineRegistry:
    return EngineRegistry(connect(engine.host, {}), Patience(clock))


def log_in(folder: Path, registry: str) -> None:
    auth = base64.b64encode(b"ci:geheim").decode()
    (folder / "config.json").write_text(json.dumps({"auths": {registry: {"auth": auth}}}))


def test_tag_becomes_digest(engine: FakeEngine, registry: EngineRegistry) -> None:
    engine.on(CALL, fake.says(DISTRIBUTION))
    assert registry.resolve(APP) == Image(APP.repository, "v2", DIGEST)
    assert "X-Registry-Auth" not in engine.requests[-1].headers


def test_no_tag_means_latest_and_says_so(engine: FakeEngine, registry: EngineRegistry) -> None:
    engine.on("GET /distribution/nginx:latest/json", fake.says(DISTRIBUTION))
    assert registry.resolve(Image("nginx")) == Image("nginx", "latest", DIGEST)


def test_digest_is_checked_and_kept(engine: FakeEngine, registry: EngineRegistry) -> None:
    engine.on(f"GET /distribution/{APP.repository}@{DIGEST}/json", fake.says(DISTRIBUTION))
    for tag in ("v2", None):
        image = Image(APP.repository, tag, DIGEST)
        assert registry.resolve(image) == image


def test_login_goes_along(engine: FakeEngine, registry: EngineRegistry, tmp_path: Path) -> None:
    log_in(tmp_path, "198.18.1.1:5000")
    engine.on(CALL, fake.says(DISTRIBUTION))
    registry.resolve(APP)
    header = engine.requests[-1].headers["X-Registry-Auth"]
    login = registry.login(APP)
    assert login is not None
    assert header == login.header
    assert json.loads(base64.urlsafe_b64decode(header))["password"] == "geheim"


def test_a_login_that_has_just_opened_an_image_is_not_tried_again(
    engine: FakeEngine, registry: EngineRegistry, tmp_path: Path
) -> None:
    log_in(tmp_path, "198.18.1.1:5000")
    engine.on(CALL, fake.says(DISTRIBUTION))
    found = registry.resolve(APP)
    assert registry.opens(found) == Availability.THERE
    assert len(engine.requests) == 2  # the engine's version, and the look-up


def test_another_login_is_tried(engine: FakeEngine, registry: EngineRegistry, tmp_path: Path) -> None:
    log_in(tmp_path, "198.18.1.1:5000")
    engine.on(CALL, fake.refuses(401, "unauthorized: authentication required"), fake.says(DISTRIBUTION))
    assert registry.opens(APP) == Availability.DENIED
    assert registry.opens(APP) == Availability.THERE


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (404, "manifest unknown: manifest unknown", ImageNotFound),
        (404, "name unknown: The repository with name 'x' does not exist in the registry", ImageNotFound),
        (404, "something else", ImageNotFound),
        (400, "invalid reference format: repository name must be lowercase", ImageNotFound),
        (401, "unauthorized: authentication required", RegistryDenied),
        (403, "denied: requested access to the resource is denied", RegistryDenied),
        (500, NO_LOGIN, RegistryDenied),
        (500, EXPIRED, RegistryDenied),
        (500, DOWN, RegistryUnavailable),
        (500, SILENT, RegistryUnavailable),
        (500, NO_NAME, RegistryUnavailable),
        (500, 'Get "https://unauthorized.example/v2/denied/": EOF', RegistryUnavailable),
        (500, "toomanyrequests: You have reached your pull rate limit", RegistryUnavailable),
        (429, "", RegistryUnavailable),
        (500, UNTRUSTED, EngineRefused),
        (500, 'Get "https://r/v2/": http: server gave HTTP response to HTTPS client', EngineRefused),
        (404, "page not found", EngineReplyInvalid),
        (500, TOO_LATE, EngineUnavailable),
    ],
)
def test_refusals(
    engine: FakeEngine, registry: EngineRegistry, status: int, message: str, kind: type[RolloutError]
) -> None:
    engine.on(CALL, fake.refuses(status, message))
    with pytest.raises(RolloutError) as caught:
        registry.resolve(APP)
    assert type(caught.value) is kind


def test_image_that_is_missing_is_named(engine: FakeEngine, registry: EngineRegistry) -> None:
    engine.on(CALL, fake.refuses(404, "manifest unknown: manifest unknown"))
    with pytest.raises(ImageNotFound) as caught:
        registry.resolve(APP)
    assert caught.value.message.startswith("198.18.1.1:5000 has no image 198.18.1.1:5000/shop/app:v2")
    assert "pushed" in caught.value.hint
    assert len(engine.asked(CALL)) == 1


def test_registry_that_comes_back(engine: FakeEngine, registry: EngineRegistry, clock: SimClock) -> None:
    engine.on(CALL, fake.refuses(500, DOWN), fake.refuses(500, DOWN), fake.says(DISTRIBUTION))
    assert registry.resolve(APP).digest == DIGEST
    assert clock.now() == pytest.approx(1.5)


def test_registry_that_stays_away(engine: FakeEngine, registry: EngineRegistry, clock: SimClock) -> None:
    engine.on(CALL, fake.refuses(500, DOWN))
    with pytest.raises(RegistryUnavailable, match=r"198\.18\.1\.1:5000 does not answer the engine"):
        registry.resolve(APP)
    assert 20 <= clock.now() < 25


@pytest.mark.parametrize("installed", [False, True])
def test_where_aws_cannot_be_asked_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    monkeypatch.setattr(ecr, "installed", lambda: installed)
    lookup = Lookup(f"{ECR}/app:1", ECR, None, SimClock().wall())
    found = refusal(Call("look up", "engine"), 401, "unauthorized", lookup)
    assert ("swarm-rollout[ecr]" in found.hint) != installed
    assert "aws ecr get-login-password" in found.hint


@pytest.mark.parametrize("known", [False, True])
def test_denied_says_whether_there_is_a_login(
    engine: FakeEngine, registry: EngineRegistry, tmp_path: Path, known: bool
) -> None:
    if known:
        log_in(tmp_path, ECR)
    engine.on(f"GET /distribution/{ECR}/patch-php-fpm:latest/json", fake.refuses(500, EXPIRED))
    with pytest.raises(RegistryDenied) as caught:
        registry.resolve(Image(f"{ECR}/patch-php-fpm", "latest"))
    assert ("has expired:" if known else "you have no login there") in caught.value.message
    assert caught.value.hint.startswith("aws ecr get-login-password --region eu-west-1 | docker login")
    assert ECR in caught.value.hint
    assert "geheim" not in caught.value.message + repr(caught.value.__cause__)


@pytest.mark.parametrize(
    "reference",
    ["../services", "reg/../../nodes", "a b", "reg/app?x=1", "reg/app#x", "", "\x1b[2J", "reg//app"],
)
def test_what_is_no_reference_is_not_asked_for(
    engine: FakeEngine, registry: EngineRegistry, reference: str
) -> None:
    """The engine would take ``../services`` for another call (seen on 20.10)."""
    with pytest.raises(ImageNotFound, match="no image reference") as caught:
        registry.resolve(Image(reference, "1"))
    assert "\x1b" not in caught.value.message
    assert len(engine.requests) == 1


@pytest.mark.parametrize(
    "reference", ["nginx", "library/nginx", "a.b-c_d/e__f/g", "localhost:5000/x", f"{ECR}/patch-php-fpm"]
)
def test_what_is_a_reference_is(engine: FakeEngine, registry: EngineRegistry, reference: str) -> None:
    engine.on(f"GET /distribution/{reference}:1.2_x-Y/json", fake.says(DISTRIBUTION))
    assert registry.resolve(Image(reference, "1.2_x-Y")).digest == DIGEST


@pytest.mark.parametrize(
    "reply", [{}, [], {"Descriptor": {}}, {"Descriptor": {"digest": "sha256:1"}}, b"<html>"]
)
def test_nonsense(engine: FakeEngine, registry: EngineRegistry, reply: object) -> None:
    engine.on(CALL, fake.says(reply))
    with pytest.raises(EngineReplyInvalid):
        registry.resolve(APP)


def test_an_offer_has_the_platforms_without_attestations(
    engine: FakeEngine, registry: EngineRegistry
) -> None:
    unknown = {"architecture": "unknown", "os": "unknown"}
    arm = {"architecture": "arm", "os": "linux", "variant": "v7"}
    engine.on(CALL, fake.says({**DISTRIBUTION, "Platforms": [*DISTRIBUTION["Platforms"], arm, unknown]}))
    assert registry.offer(APP).platforms == ("linux/amd64", "linux/arm/v7")


def test_an_offer_that_cannot_be_had_is_empty(engine: FakeEngine, registry: EngineRegistry) -> None:
    engine.on(CALL, fake.refuses(500, DOWN))
    assert registry.offer(APP) == Offer()


def test_a_login_is_not_asked_for_again_at_once(
    engine: FakeEngine, registry: EngineRegistry, clock: SimClock, tmp_path: Path
) -> None:
    assert registry.login(APP) is None
    log_in(tmp_path, "198.18.1.1:5000")
    assert registry.login(APP) is None
    clock.sleep(61)
    assert registry.login(APP) is not None


def test_an_expired_login_is_said_to_be(
    engine: FakeEngine, registry: EngineRegistry, clock: SimClock
) -> None:
    ended = clock.wall() - timedelta(hours=1)
    lookup = Lookup(f"{ECR}/php:1", ECR, Login("x", ended), clock.wall())
    told = refusal(Call("look up", "engine"), 500, EXPIRED, lookup)
    assert "your login expired 1h ago" in told.message
