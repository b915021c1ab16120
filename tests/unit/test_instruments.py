"""The instruments against this machine: its ports, its commands, and a server that speaks like Prometheus."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from math import isnan
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from rollout.instruments import LocalInstruments
from rollout.model import ExecGate, Operator, PrometheusGate, Queried, Ran, TcpGate

LOCAL = LocalInstruments()


def python(program: str, *arguments: str, timeout: float = 10.0, **environment: str) -> Ran:
    return LOCAL.run(ExecGate((sys.executable, "-c", program, *arguments), timeout), environment)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def test_an_open_port_is_connected_to(listening: socket.socket) -> None:
    result = LOCAL.connect(TcpGate(f"127.0.0.1:{listening.getsockname()[1]}"))
    assert (result.ok, result.reached, result.error) == (True, True, "")


def test_a_closed_port_refuses(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    listening.close()
    result = LOCAL.connect(TcpGate(f"127.0.0.1:{port}"))
    assert (result.ok, result.reached, result.resolved) == (False, False, True)
    assert result.error == "connection refused"


def test_a_host_without_address_is_told_from_one_that_refuses() -> None:
    result = LOCAL.connect(TcpGate("nowhere.invalid:6379"))
    assert (result.error, result.resolved) == ("name does not resolve", False)


@pytest.mark.parametrize("address", ["redis", ":6379", "redis:port", "redis:0", "redis:99999", ""])
def test_an_address_that_is_none_says_what_would_be_one(address: str) -> None:
    assert LOCAL.connect(TcpGate(address)).error == "not an address such as redis:6379"


def slow_name_server(*_: object, **__: object) -> None:
    time.sleep(3)
    raise socket.gaierror


def test_a_name_server_that_hangs_does_not_hold_up_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", slow_name_server)
    begun = time.monotonic()
    result = LOCAL.connect(TcpGate("redis:6379", timeout=0.3))
    assert (result.error, result.resolved) == ("no answer within 0.3s", False)
    assert time.monotonic() - begun < 1.5


def test_a_command_tells_its_exit_code_and_its_last_lines_of_both_kinds() -> None:
    program = "import sys; print('out', flush=True); print('err', file=sys.stderr, flush=True); sys.exit(3)"
    assert python(program) == Ran(3, ("out", "err"))


def test_only_the_last_ten_lines_are_kept_and_they_cannot_drive_a_terminal() -> None:
    ran = python(r"[print('\x1b[31mline', number) for number in range(1000)]")
    assert ran.output == tuple(f"line {number}" for number in range(990, 1000))


def test_the_variables_are_added_to_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "kept")
    ran = python("import os; print(os.environ['OURS'], os.environ['ROLLOUT_SERVICE'])", ROLLOUT_SERVICE="php")
    assert ran.output == ("kept php",)


def test_no_shell_has_a_hand_in_it() -> None:
    assert python("import sys; print(sys.argv[1])", "$HOME; exit 1").output == ("$HOME; exit 1",)


def test_a_command_cannot_ask_anybody() -> None:
    assert python("print(repr(input.__self__.open(0).read()))").output == ("''",)


def test_a_command_has_no_part_in_our_terminal() -> None:
    assert python("import os; print(os.getsid(0) == os.getpid())").output == ("True",)


def test_a_command_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    child = "import time; time.sleep(60)"
    program = (
        "import subprocess, sys, time; "
        f"child = subprocess.Popen([sys.executable, '-c', {child!r}]); "
        "print(child.pid, flush=True); time.sleep(60)"
    )
    begun = time.monotonic()
    ran = python(program, timeout=1.0)
    assert (ran.exit_code, ran.error) == (-9, "not done within 1s")
    assert time.monotonic() - begun < 5
    assert _is_gone(int(ran.output[0]))


def _is_gone(pid: int) -> bool:
    """Whether a process ends; nobody may have collected it yet."""
    for _ in range(20):
        try:
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def test_a_child_that_goes_on_in_the_background_is_not_waited_for() -> None:
    program = "import subprocess, sys; subprocess.Popen(['sleep', '5']); print('done')"
    begun = time.monotonic()
    assert python(program) == Ran(0, ("done",))
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize("command", [("./no-such-thing",), ("",), ()])
def test_a_command_that_is_not_there_has_no_exit_code(command: tuple[str, ...]) -> None:
    ran = LOCAL.run(ExecGate(command), {})
    assert ran.exit_code is None
    assert ran.error


def test_a_command_that_is_not_executable_says_so(tmp_path: Path) -> None:
    script = tmp_path / "check.sh"
    script.write_text("exit 0")
    ran = LOCAL.run(ExecGate((str(script),)), {})
    assert (ran.exit_code, ran.error) == (None, f"{script} could not be started: permission denied")


@contextmanager
def prometheus(status: int, document: object) -> Iterator[tuple[str, list[BaseHTTPRequestHandler]]]:
    asked: list[BaseHTTPRequestHandler] = []
    body = document if isinstance(document, bytes) else json.dumps(document).encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}", asked
        made.shutdown()


def gate(url: str, query: str = "up", **fields: object) -> PrometheusGate:
    return PrometheusGate(url, query, Operator.LESS, 1.0, **fields)  # type: ignore[arg-type]


def answered(status: int, document: object) -> Queried:
    with prometheus(status, document) as (url, _):
        return LOCAL.query(gate(url))


def success(kind: str, result: object) -> dict[str, object]:
    return {"status": "success", "data": {"resultType": kind, "result": result}}


def test_a_vector_gives_the_value_of_each_series() -> None:
    series = [
        {"metric": {"job": name}, "value": [1.5, value]} for name, value in (("a", "0.25"), ("b", "+Inf"))
    ]
    assert answered(200, success("vector", series)) == Queried((0.25, float("inf")))


def test_a_scalar_is_a_value_too_and_nothing_is_none() -> None:
    assert answered(200, success("scalar", [1.5, "42"])) == Queried((42.0,))
    assert answered(200, success("vector", [])) == Queried()


def test_not_a_number_is_passed_on() -> None:
    values = answered(200, success("vector", [{"value": [1.5, "NaN"]}])).values
    assert len(values) == 1
    assert isnan(values[0])


@pytest.mark.parametrize(
    ("status", "document", "error"),
    [
        (400, {"status": "error", "errorType": "bad_data", "error": "parse \x1b[2Jerror"}, "parse error"),
        (200, success("matrix", []), "the query gives a matrix, not a number for each series"),
        (200, b"<html>", "the answer is not Prometheus's"),
        (200, success("vector", [{"value": "x"}]), "the answer is not Prometheus's"),
        (200, [], "the answer is not Prometheus's"),
        (503, b"no", "HTTP 503"),
        (302, b"", "HTTP 302"),
    ],
)
def test_what_is_no_answer_is_an_error(status: int, document: object, error: str) -> None:
    assert answered(status, document) == Queried(error=error)


def test_the_query_is_sent_whole_with_the_headers() -> None:
    with prometheus(200, success("vector", [])) as (url, asked):
        LOCAL.query(
            gate(f"{url}/prometheus/", 'sum(rate(x{a="b&c"}[1m]))', headers={"Authorization": "Bearer t"})
        )
    sent = urlsplit(asked[0].path)
    assert sent.path == "/prometheus/api/v1/query"
    assert parse_qs(sent.query) == {"query": ['sum(rate(x{a="b&c"}[1m]))']}
    assert asked[0].headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid", "ftp://x", ""])
def test_a_server_that_is_not_there_is_an_error_without_secrets(url: str) -> None:
    queried = LOCAL.query(gate(url, headers={"Authorization": "Bearer s3cr3t"}))
    assert queried.error
    assert "s3cr3t" not in queried.error


def test_a_header_that_cannot_be_sent_is_not_shown() -> None:
    queried = LOCAL.query(gate("http://127.0.0.1:1", headers={"Authorization": "s3cr3t\n"}))
    assert queried.error
    assert "s3cr3t" not in queried.error


def test_a_server_that_is_silent_is_late() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert LOCAL.query(gate(url, timeout=0.3)).error == "no answer within 0.3s"
