"""The prober against servers on this machine: good, slow, broken and none."""

from __future__ import annotations

import gzip
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rollout.model import HttpProbe
from rollout.prober import HttpProber

ASK = HttpProber().ask


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None], context: Any = None) -> Iterator[str]:
    class Talk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            answer(self)

        do_HEAD = do_POST = do_GET  # noqa: N815 - as http.server wants it

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Talk) as made:
        if context:
            made.socket = context.wrap_socket(made.socket, server_side=True)
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield f"{'https' if context else 'http'}://127.0.0.1:{made.server_port}/"
        made.shutdown()


def status(number: int, body: bytes = b"hello", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(number)
        for key, value in headers.items():
            handler.send_header(key, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize(
    ("number", "expected", "ok", "error"),
    [
        (200, None, True, ""),
        (204, None, True, ""),
        (302, None, True, ""),
        (404, None, False, "HTTP 404"),
        (500, None, False, "HTTP 500"),
        (401, 401, True, ""),
        (200, 401, False, "HTTP 200 instead of 401"),
        (302, 200, False, "HTTP 302 instead of 200"),
    ],
)
def test_status(number: int, expected: int | None, ok: bool, error: str) -> None:
    body = b"" if number == 204 else b"hello"
    with server(status(number, body, Location="http://nowhere.invalid/")) as url:
        result = ASK(HttpProbe(url, expected))
    assert (result.ok, result.status, result.error) == (ok, number, error)
    assert 0 < result.seconds < 2


def test_headers_and_a_connection_each() -> None:
    seen: list[tuple[dict[str, str], int]] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append((dict(handler.headers.items()), handler.client_address[1]))
        status(200)(handler)

    with server(answer) as url:
        probe = HttpProbe(url, headers={"Host": "shop.example", "X-Probe": "1"})
        assert ASK(probe).ok
        assert ASK(probe).ok
    headers, ports = seen[0][0], {port for _, port in seen}
    assert (headers["Host"], headers["X-Probe"], headers["Connection"]) == ("shop.example", "1", "close")
    assert headers["User-Agent"] == "rollout"
    assert len(ports) == 2


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with server(status(200)) as url:
        assert ASK(HttpProbe(url)).ok


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_refused() -> None:
    result = ASK(HttpProbe(f"http://127.0.0.1:{free_port()}/"))
    assert (result.ok, result.status, result.error) == (False, None, "connection refused")
    assert (result.reached, result.resolved) == (False, True)


def test_name_that_does_not_resolve() -> None:
    result = ASK(HttpProbe("http://nowhere.invalid/"))
    assert result.error == "name does not resolve"
    assert (result.reached, result.resolved) == (False, False)


def test_name_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it means is found out without waiting for it once more."""

    def hang(*_: object, **__: object) -> None:
        time.sleep(3)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    begun = time.monotonic()
    result = ASK(HttpProbe("http://shop.example/", timeout=0.3))
    assert (result.error, result.reached, result.resolved) == ("no answer within 0.3s", False, False)
    assert time.monotonic() - begun < 1.5


def test_connections_that_nobody_accepts() -> None:
    """A full queue of waiting connections drops further ones, as a dead machine does."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(deaf.getsockname())
        time.sleep(0.1)
        result = ASK(HttpProbe(f"http://127.0.0.1:{deaf.getsockname()[1]}/", timeout=0.5))
        for each in waiting:
            each.close()
    assert (result.error, result.reached, result.resolved) == ("no answer within 0.5s", False, True)


def test_silence() -> None:
    with server(lambda _: time.sleep(3)) as url:
        result = ASK(HttpProbe(url, timeout=0.5))
    assert (result.error, result.reached) == ("no answer within 0.5s", True)
    assert 0.4 < result.seconds < 1


def test_page_that_drips() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        for _ in range(30):
            handler.wfile.write(b".")
            time.sleep(0.1)

    with server(answer) as url:
        begun = time.monotonic()
        assert ASK(HttpProbe(url, timeout=0.5)).error == "no answer within 0.5s"
        assert time.monotonic() - begun < 1


def test_page_cut_short() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"only this")
        handler.close_connection = True

    with server(answer) as url:
        result = ASK(HttpProbe(url))
    assert (result.ok, result.error, result.reached) == (False, "connection broke off", True)


def test_no_answer_at_all() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    with server(answer) as url:
        assert ASK(HttpProbe(url)).error == "closed the connection without an answer"


def test_answer_that_is_no_http() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        handler.close_connection = True

    with server(answer) as url:
        assert ASK(HttpProbe(url)).error == "what answers there does not speak HTTP"


def test_big_page_is_not_waited_for() -> None:
    with server(status(200, b"x" * (9 << 20))) as url:
        assert ASK(HttpProbe(url)).ok


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_the_method_is_the_one_wished(method: str) -> None:
    seen: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        seen.append(handler.command)
        status(200, b"" if handler.command == "HEAD" else b"hello")(handler)

    with server(answer) as url:
        assert ASK(HttpProbe(url, method=method)).ok
    assert seen == [method]


@pytest.mark.parametrize(
    ("pattern", "error"),
    [
        ("hello", ""),
        ("^<h1>h[aeiou]llo+</h1>$", ""),
        ("checkout", "/checkout/ is not in the page"),
        (r"total: \d+", r"/total: \d+/ is not in the page"),
        ("\x1b[3]2m", "/2m/ is not in the page"),
    ],
)
def test_the_page_has_to_contain_what_is_expected(pattern: str, error: str) -> None:
    with server(status(200, b"<h1>hello</h1>")) as url:
        result = ASK(HttpProbe(url, expect_body=pattern))
    assert (result.ok, result.error) == (not error, error)


def test_a_page_in_another_encoding_is_read() -> None:
    headers = {"Content-Type": "text/html; charset=ISO-8859-1"}
    with server(status(200, "Köln".encode("latin-1"), **headers)) as url:
        assert ASK(HttpProbe(url, expect_body="Köln")).ok


def test_bytes_that_are_no_text_do_not_hide_the_rest() -> None:
    with server(status(200, b"\xff\xfe hello", **{"Content-Type": "text/html; charset=nonsense"})) as url:
        assert ASK(HttpProbe(url, expect_body="hello")).ok


def test_a_compressed_page_is_searched_all_the_same() -> None:
    headers = {"Content-Encoding": "gzip"}
    with server(status(200, gzip.compress(b"hello"), **headers)) as url:
        assert ASK(HttpProbe(url, expect_body="hello")).ok
    with server(status(200, b"hello", **headers)) as url:
        assert ASK(HttpProbe(url, expect_body="hello")).error == "the page cannot be decoded"


def test_only_the_beginning_of_a_big_page_is_searched() -> None:
    with server(status(200, b"x" * (1 << 20) + b"hello")) as url:
        assert not ASK(HttpProbe(url, expect_body="hello")).ok
    with server(status(200, b"hello" + b"x" * (1 << 20))) as url:
        assert ASK(HttpProbe(url, expect_body="hello")).ok


def test_a_pattern_that_runs_away_tells_nothing_and_holds_nobody_up() -> None:
    with server(status(200, b"a" * 60)) as url:
        probe = HttpProbe(url, expect_body="(a+)+b", timeout=5)
        begun = time.monotonic()
        answer = ASK(probe)
        assert answer.error == "searching for /(a+)+b/ takes too long"
        assert not answer.told
        assert answer.seconds < 0.5
        assert time.monotonic() - begun < 3
        assert ASK(HttpProbe(url, expect_body="a+")).ok


def test_expected_headers_are_searched_and_never_repeated() -> None:
    headers = {"X-Cache": "MISS from s3cr3t"}
    with server(status(200, **headers)) as url:
        assert ASK(HttpProbe(url, expect_headers={"x-cache": "^MISS"})).ok
        assert (
            ASK(HttpProbe(url, expect_headers={"X-Cache": "HIT"})).error
            == "header X-Cache is not as expected"
        )
        assert ASK(HttpProbe(url, expect_headers={"X-Other": ""})).error == "no header X-Other"


def test_the_version_header_tells_who_answered_also_when_the_answer_is_wrong() -> None:
    with server(status(500, **{"X-Version": "2.7.0"})) as url:
        assert ASK(HttpProbe(url, version_header="x-version")).version == "2.7.0"
        assert ASK(HttpProbe(url)).version == ""


def test_a_version_is_made_harmless_and_short() -> None:
    with server(status(200, **{"X-Version": "\x1b[31m2.7.0\x07" + "9" * 200})) as url:
        version = ASK(HttpProbe(url, version_header="X-Version")).version
    assert version.startswith("2.7.0999")
    assert len(version) == 100


@pytest.mark.parametrize(
    "url", ["", "http://", "shop", "ftp://host/", "http://h:port/", "http://[::1", "http://a..b/"]
)
def test_urls_that_are_none(url: str) -> None:
    result = ASK(HttpProbe(url))
    assert not result.ok
    assert result.error in ("not a URL that can be asked", "name does not resolve")


def test_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1",
         "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")], capture_output=True, check=False
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    with server(status(200), context) as url:
        assert ASK(HttpProbe(url)).error.startswith("certificate not trusted: ")


def test_tls_to_a_plain_port() -> None:
    with server(status(200)) as url:
        result = ASK(HttpProbe(url.replace("http", "https")))
    assert result.error.startswith("TLS failed: ")
    assert result.reached


def test_nothing_is_imported_before_the_first_question() -> None:
    code = "import sys, rollout.prober, rollout.clock; print({'urllib3', 'docker'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"


def test_requests_made_together_do_not_wait_for_each_other():
    """Six answers of 0.3 s each take far less than six times as long."""

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(0.3)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    began = time.monotonic()
    results = HttpProber().ask_together(HttpProbe(f"http://127.0.0.1:{server.server_port}/"), 6)
    server.shutdown()
    server.server_close()
    assert [result.ok for result in results] == [True] * 6
    assert time.monotonic() - began < 1.5
