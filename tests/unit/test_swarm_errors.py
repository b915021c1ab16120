"""What goes wrong has one word of ours: the engine's own messages, and connections that break."""

from __future__ import annotations

import socket
import ssl

import pytest
import requests
import urllib3
from unit.engine_shapes import LEADER_LOST, NO_LEADER, NOT_A_MANAGER, OUT_OF_SEQUENCE, TOO_LATE

from rollout import errors as words
from rollout.errors import Permanent, RolloutError, Temporary
from rollout.swarm.errors import Call, broken, garbled, refusal, translated
from rollout.swarm.ssh import SshFailed
from rollout.untrusted import plain

READ = Call("read service web", "ssh://deploy@prod (from DOCKER_HOST)")
WRITE = Call("update service web", "ssh://deploy@prod (from DOCKER_HOST)", write=True)
PREPARING = (
    "This node is not a swarm manager. Manager is being prepared or has trouble connecting to the cluster."
)
TAKEN = "rpc error: code = AlreadyExists desc = config a1 already exists"
CLOSING = "rpc error: code = Unavailable desc = transport is closing"
NO_SWARM = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node '
    "to swarm and try again."
)


@pytest.mark.parametrize(
    ("status", "message", "of_read", "of_write"),
    [
        (404, "service nope not found", words.NotFound, words.NotFound),
        (400, "service we is ambiguous (2 matches found)", words.NotFound, words.NotFound),
        (409, TAKEN, words.AlreadyExists, words.AlreadyExists),
        (500, OUT_OF_SEQUENCE, words.Conflict, words.Conflict),
        (503, NOT_A_MANAGER, words.NotASwarmManager, words.NotASwarmManager),
        (503, NO_SWARM, words.NotASwarmManager, words.NotASwarmManager),
        (503, PREPARING, words.EngineUnavailable, words.EngineUnavailable),
        (500, NO_LEADER, words.EngineUnavailable, words.OutcomeUnknown),
        (500, LEADER_LOST, words.EngineUnavailable, words.OutcomeUnknown),
        (500, TOO_LATE, words.EngineUnavailable, words.OutcomeUnknown),
        (503, CLOSING, words.EngineUnavailable, words.OutcomeUnknown),
        (500, "something new", words.EngineUnavailable, words.EngineRefused),
        (502, "", words.EngineUnavailable, words.OutcomeUnknown),
        (504, "", words.EngineUnavailable, words.OutcomeUnknown),
        (400, "mismatched Runtime and *Spec fields", words.EngineRefused, words.EngineRefused),
        (403, "authorization denied by plugin", words.EngineRefused, words.EngineRefused),
        (301, "", words.EngineRefused, words.EngineRefused),
        (404, "page not found", words.EngineReplyInvalid, words.EngineReplyInvalid),
    ],
)  # fmt: skip
def test_refusals(status: int, message: str, of_read: type, of_write: type) -> None:
    assert type(refusal(READ, status, message)) is of_read
    assert type(refusal(WRITE, status, message)) is of_write


def test_sentence_says_what_where_and_why() -> None:
    error = refusal(READ, 500, NO_LEADER)
    assert error.message.startswith(
        "cannot read service web on ssh://deploy@prod (from DOCKER_HOST): The swarm does"
    )
    assert error.hint


def test_engine_cannot_drive_a_terminal() -> None:
    assert "\x1b" not in refusal(READ, 400, "no \x1b[31m\x1b]0;x\x07 way\n").message


def test_long_words_are_cut() -> None:
    assert len(plain("x" * 10_000)) == 500


def test_answer_that_is_not_json() -> None:
    assert type(garbled(READ)) is words.EngineReplyInvalid
    assert type(garbled(WRITE)) is words.OutcomeUnknown


def lost(*causes: BaseException) -> requests.ConnectionError:
    """As requests wraps what urllib3 wraps."""
    return requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", *causes))


REFUSED = ConnectionRefusedError(111, "Connection refused")
UNSENT = [
    (lost(FileNotFoundError(2, "No such file")), "there is no such socket"),
    (lost(PermissionError(13, "Permission denied")), "you may not use its socket"),
    (lost(REFUSED), "nothing listens there"),
    (lost(socket.gaierror(-2, "Name or service not known")), "name does not resolve"),
    (
        requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "self-signed")),
        "certificate is not trusted",
    ),
    (requests.ConnectTimeout(urllib3.exceptions.ConnectTimeoutError("x")), "the host does not answer"),
]


@pytest.mark.parametrize(("error", "sentence"), UNSENT)
@pytest.mark.parametrize("call", [READ, WRITE])
def test_what_was_never_sent_cannot_have_landed(error: Exception, sentence: str, call: Call) -> None:
    found = broken(call, error)
    assert type(found) is words.EngineGone
    assert sentence in found.message
    assert found.hint


def test_permission_denied_names_the_group() -> None:
    assert "docker group" in broken(READ, UNSENT[1][0]).hint


BROKEN = [
    (lost(ConnectionResetError(104, "Connection reset by peer")), "the connection broke off"),
    (requests.exceptions.ChunkedEncodingError("IncompleteRead"), "the connection broke off"),
    (requests.ReadTimeout("Read timed out. (read timeout=10)"), "no answer in time"),
    (lost(TimeoutError("timed out")), "no answer in time"),
    (lost(SshFailed("Permission denied (publickey).")), "ssh failed: Permission denied (publickey)."),
    (requests.exceptions.SSLError(ssl.SSLError(1, "[SSL] tlsv13 alert")), "TLS failed: [SSL] tlsv13 alert"),
]


@pytest.mark.parametrize(("error", "sentence"), BROKEN)
def test_what_broke_off_may_have_landed(error: Exception, sentence: str) -> None:
    read, write = broken(READ, error), broken(WRITE, error)
    late = sentence == "no answer in time"
    assert type(read) is (words.EngineUnavailable if late else words.EngineGone)
    assert type(write) is words.OutcomeUnknown
    assert sentence in read.message
    assert sentence in write.message
    assert "may have landed" in write.message
    assert "docker service inspect" in write.hint


def test_only_our_own_errors_get_out() -> None:
    with pytest.raises(RolloutError), translated(READ):
        raise lost(REFUSED)
    with pytest.raises(KeyboardInterrupt), translated(READ):
        raise KeyboardInterrupt


def test_temporary_is_what_may_pass() -> None:
    assert isinstance(refusal(READ, 500, NO_LEADER), Temporary)
    assert isinstance(refusal(WRITE, 500, OUT_OF_SEQUENCE), Temporary)
    assert isinstance(refusal(READ, 503, NOT_A_MANAGER), Permanent)
