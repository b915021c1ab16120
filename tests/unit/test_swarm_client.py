"""The connection to an engine that misbehaves: broken replies, cut connections, sockets that are none."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from unit import fake_engine as fake
from unit.engine_shapes import OUT_OF_SEQUENCE, SERVICE
from unit.fake_engine import FakeEngine

from rollout.errors import (
    Conflict,
    EngineGone,
    EngineRefused,
    EngineReplyInvalid,
    EngineUnavailable,
    NotFound,
    OutcomeUnknown,
    RolloutError,
    UsageError,
)
from rollout.swarm import EngineClient, connect
from rollout.swarm.client import segment

UPDATE = "POST /services/web/update"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    with fake.fake_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def client(engine: FakeEngine) -> EngineClient:
    return connect(engine.host, {})


def failure(host: str, environ: dict[str, str] | None = None) -> RolloutError:
    with pytest.raises(RolloutError) as caught:
        connect(host, environ or {})
    return caught.value


@contextmanager
def nobody() -> Iterator[None]:
    """Root may use every socket; so be nobody for a while."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(me)


class TestConnect:
    def test_speaks_the_engines_own_version(self, tmp_path: Path) -> None:
        with fake.fake_engine(tmp_path, api="1.52") as engine:
            assert connect(engine.host, {}).api_version == "1.52"

    @pytest.mark.parametrize("api", ["1.40", "1.9", "0.99"])
    def test_refuses_engines_that_are_too_old(self, tmp_path: Path, api: str) -> None:
        with fake.fake_engine(tmp_path, api=api) as engine:
            error = failure(engine.host)
        assert type(error) is EngineRefused
        assert "20.10" in error.hint

    @pytest.mark.parametrize(
        "reply", [{}, [], None, {"ApiVersion": None}, {"ApiVersion": "new"}, b"", b"<html>"]
    )
    def test_refuses_what_is_no_engine(self, engine: FakeEngine, reply: Any) -> None:
        engine.on("GET /version", fake.says(reply))
        assert type(failure(engine.host)) is EngineReplyInvalid

    def test_is_not_tried_again(self, engine: FakeEngine) -> None:
        engine.on("GET /version", fake.cuts)
        assert type(failure(engine.host)) is EngineGone
        assert len(engine.requests) == 1

    def test_no_socket(self, tmp_path: Path) -> None:
        error = failure(f"unix://{tmp_path}/docker.sock")
        assert type(error) is EngineGone
        assert "there is no such socket" in error.message

    def test_nobody_behind_the_socket(self, tmp_path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(tmp_path / "docker.sock"))
        assert "nothing listens there" in failure(f"unix://{tmp_path}/docker.sock").message

    def test_socket_of_somebody_else(self, engine: FakeEngine) -> None:
        engine.socket.chmod(0)
        with nobody():
            error = failure(engine.host)
        assert type(error) is EngineGone
        assert "you may not use its socket" in error.message
        assert "docker group" in error.hint

    def test_name_that_does_not_resolve(self) -> None:
        assert "does not resolve" in failure("tcp://nowhere.invalid:2375").message

    @pytest.mark.parametrize("host", ["tcp://a..b:2375", f"tcp://{'x' * 70}:2375"])
    def test_name_that_cannot_be_one(self, host: str) -> None:
        assert "name cannot be one" in failure(host).message

    def test_broken_login_is_not_repeated(
        self, engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        login = {"auths": {"registry.example": {"auth": "geheim"}}}
        (tmp_path / "config.json").write_text(json.dumps(login))
        monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
        error = failure(engine.host)
        assert type(error) is UsageError
        assert "geheim" not in error.message + error.hint
        assert error.__cause__ is None
        assert error.__context__ is None


class TestRead:
    @pytest.mark.parametrize("reply", [b"{", b"<html>oops</html>", b"\xff\xfe", b"[" * 100_000])
    def test_garbage(self, engine: FakeEngine, client: EngineClient, reply: bytes) -> None:
        engine.on("GET /services", fake.says(reply))
        with pytest.raises(EngineReplyInvalid, match="is not JSON"):
            client.read("list the services", "/services")

    @pytest.mark.parametrize("answer", [fake.cuts, fake.cuts_midway])
    def test_cut(self, engine: FakeEngine, client: EngineClient, answer: fake.Answer) -> None:
        engine.on("GET /services", answer)
        with pytest.raises(EngineUnavailable, match="broke off"):
            client.read("list the services", "/services")

    def test_silence(self, engine: FakeEngine, client: EngineClient) -> None:
        engine.on("GET /services", fake.sleeps(2))
        with pytest.raises(EngineUnavailable, match="no answer in time"):
            client.read("list the services", "/services", timeout=0.2)

    @pytest.mark.parametrize("message", [b"{}", b"[]", b'{"message": null}', b"null", b"", b"\x1b[2J"])
    def test_refusal_without_a_message(
        self, engine: FakeEngine, client: EngineClient, message: bytes
    ) -> None:
        engine.on("GET /services", fake.says(message, 400))
        with pytest.raises(EngineRefused) as caught:
            client.read("list the services", "/services")
        assert "\x1b" not in caught.value.message

    def test_redirect_is_not_followed(self, engine: FakeEngine, client: EngineClient) -> None:
        engine.on("GET /services", fake.says({}, 301))
        with pytest.raises(EngineRefused):
            client.read("list the services", "/services")
        assert len(engine.asked("GET /services")) == 1

    def test_next_call_works_after_a_cut(self, engine: FakeEngine, client: EngineClient) -> None:
        engine.on("GET /services", fake.cuts, fake.says([]))
        with pytest.raises(EngineUnavailable):
            client.read("list the services", "/services")
        assert client.read("list the services", "/services") == []


class TestWrite:
    def test_spec_goes_out_as_it_is(self, engine: FakeEngine, client: EngineClient) -> None:
        spec = SERVICE["Spec"] | {"Unknown": {"Kept": None}, "UpdateConfig": None}
        engine.on(UPDATE, fake.says({"Warnings": None}))
        client.update_service_raw("web", 21, spec, "c2VjcmV0")
        (request,) = engine.asked(UPDATE)
        assert request.json == spec
        assert request.query == {"version": "21"}
        assert request.headers["X-Registry-Auth"] == "c2VjcmV0"

    def test_no_credentials_keep_the_stored_ones(self, engine: FakeEngine, client: EngineClient) -> None:
        engine.on(UPDATE, fake.says({"Warnings": None}))
        client.update_service_raw("web", 21, SERVICE["Spec"], None)
        (request,) = engine.asked(UPDATE)
        assert request.query == {"version": "21", "registryAuthFrom": "spec"}
        assert "X-Registry-Auth" not in request.headers

    @pytest.mark.parametrize(
        "answer", [fake.cuts, fake.cuts_midway, fake.says(b"garbage"), fake.says(b"", 502)]
    )
    def test_answer_that_was_lost(
        self, engine: FakeEngine, client: EngineClient, answer: fake.Answer
    ) -> None:
        engine.on(UPDATE, answer)
        with pytest.raises(OutcomeUnknown, match=r"update service web .* it may have landed"):
            client.update_service_raw("web", 21, SERVICE["Spec"], None)
        assert len(engine.asked(UPDATE)) == 1, "a write is never repeated"

    def test_out_of_sequence(self, engine: FakeEngine, client: EngineClient) -> None:
        engine.on(UPDATE, fake.refuses(500, OUT_OF_SEQUENCE))
        with pytest.raises(Conflict):
            client.update_service_raw("web", 20, SERVICE["Spec"], None)
        assert len(engine.asked(UPDATE)) == 1

    def test_gone(self, engine: FakeEngine, client: EngineClient) -> None:
        engine.on(UPDATE, fake.refuses(404, "service web not found"))
        with pytest.raises(NotFound):
            client.update_service_raw("web", 20, SERVICE["Spec"], None)

    def test_unacceptable(self, engine: FakeEngine, client: EngineClient) -> None:
        engine.on(UPDATE, fake.refuses(400, "mismatched Runtime and *Spec fields"))
        with pytest.raises(EngineRefused, match="mismatched Runtime"):
            client.update_service_raw("web", 20, {}, None)

    def test_engine_that_is_gone_got_nothing(self, engine: FakeEngine, client: EngineClient) -> None:
        client.close()
        engine.socket.unlink()
        with pytest.raises(EngineUnavailable, match="there is no such socket"):
            client.update_service_raw("web", 20, SERVICE["Spec"], None)

    def test_credentials_are_in_no_error(self, engine: FakeEngine, client: EngineClient) -> None:
        for answer in (fake.cuts, fake.refuses(400, "no"), fake.says(b"x")):
            engine.on(UPDATE, answer)
            with pytest.raises(RolloutError) as caught:
                client.update_service_raw("web", 20, SERVICE["Spec"], "c2VjcmV0")
            assert "c2VjcmV0" not in repr(caught.value) + caught.value.message + caught.value.hint
            assert "c2VjcmV0" not in repr(caught.value.__cause__)


@pytest.mark.parametrize("text", ["../nodes", "a/b", "a?b=c", "a#b", "a b", "%2e"])
def test_segment_stays_one_part(text: str) -> None:
    assert not set(segment(text)) & set("/?# ")


class TestSsh:
    """ssh is played by a program; the real one is in e2e/test_connections.py."""

    def play(self, folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
        program = folder / "ssh"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def test_last_words(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.play(tmp_path, monkeypatch, r"printf 'Welcome\n\033[31mNo route\033[0m\n' >&2; exit 255")
        error = failure("ssh://host")
        assert type(error) is EngineGone
        assert "ssh failed: Welcome; No route" in error.message

    def test_no_words(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.play(tmp_path, monkeypatch, "exit 3")
        assert "ssh ended with status 3" in failure("ssh://host").message

    def test_words_that_are_no_http(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.play(tmp_path, monkeypatch, "echo Last login: yesterday; sleep 0.1")
        assert type(failure("ssh://host")) is EngineGone

    def test_no_ssh(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        error = failure("ssh://host")
        assert "there is no ssh" in error.message
        assert "openssh-client" in error.hint

    def test_write_that_breaks_off(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        answer = r'HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{"ApiVersion":"1.41"}'
        self.play(
            tmp_path, monkeypatch, f"printf '{answer}'; read a; read b; sleep 0.3; echo gone >&2; exit 255"
        )
        client = connect("ssh://host", {})
        with pytest.raises(OutcomeUnknown, match="ssh failed: gone"):
            client.update_service_raw("web", 21, SERVICE["Spec"], None)
