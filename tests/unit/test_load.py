"""The load generator: what it may attack, what it counts, and that it behaves as browsers do."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.lab import load
from rollout.lab.tally import SessionLog, Summary, Visit, percentile, summarise
from rollout.lab.visitor import Plan, Visitor, check_target


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://127.9.9.9/", "http://198.19.255.1:80/a?b=c"]
)
def test_this_machine_and_the_test_networks_may_be_loaded(url: str) -> None:
    assert check_target(url).scheme == "http"


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/",
        "http://198.20.0.1/",
        "http://10.0.0.1/",
        "http://localhost/",
        "http://www.example.org/",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@192.0.2.1/",
        "https://127.0.0.1/",
        "http://[::1]/",
        "127.0.0.1",
        "",
    ],
)
def test_every_other_target_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be an IP address|is no http address"):
        Plan(url)


@pytest.mark.parametrize("limit", [{"rate": 501}, {"rate": 0}, {"seconds": 1801}, {"sessions": 401}])
def test_the_load_is_bounded(limit: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at most"):
        Plan("http://127.0.0.1/", **limit)


def test_a_counter_that_grows_by_one_is_a_kept_session() -> None:
    log = SessionLog()
    assert [log.see(count) for count in (1, 2, 3)] == ["kept", "kept", "kept"]


def test_a_counter_that_starts_again_is_a_lost_session_and_counts_once() -> None:
    log = SessionLog()
    assert [log.see(count) for count in (5, 1, 2)] == ["repeated", "lost", "kept"]


def test_a_counter_that_leaps_tells_of_a_request_that_was_carried_out_twice() -> None:
    log = SessionLog(count=3)
    assert log.see(5) == "repeated"


@given(failures=st.integers(0, 5), counted=st.integers(0, 5))
def test_failed_requests_may_have_been_counted_or_not(failures: int, counted: int) -> None:
    log = SessionLog(count=7)
    for _ in range(failures):
        log.see(None)
    assert log.see(8 + counted) == ("kept" if counted <= failures else "repeated")


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (95, 10), (99, 10), (100, 10), (1, 1)])
def test_percentiles_are_times_that_somebody_met(percent: int, expected: int) -> None:
    assert percentile(range(1, 11), percent) == expected


def test_no_requests_have_no_percentiles() -> None:
    assert percentile([], 95) == 0


@given(st.lists(st.floats(0, 1e5), min_size=1), st.integers(1, 100))
def test_enough_requests_are_within_a_percentile(times: list[float], percent: int) -> None:
    limit = percentile(sorted(times), percent)
    assert sum(time <= limit for time in times) * 100 >= percent * len(times)


def test_a_summary_adds_up() -> None:
    visits = [
        Visit(at=1.2, ms=30, status=200, version="v2"),
        Visit(at=0.1, ms=10, status=200, version="v1"),
        Visit(at=0.9, ms=20, status=500, version="v2"),
        Visit(at=0.5, ms=40, error="RemoteDisconnected: gone"),
        Visit(at=1.9, ms=15, status=200, version="v2", session="lost"),
    ]
    summary = summarise(visits, started=0, seconds=2)
    assert (summary.sent, summary.ok, summary.failed, summary.sessions_lost) == (5, 3, 2, 1)
    assert [failure["error"] for failure in summary.failures] == ["RemoteDisconnected: gone", "HTTP 500"]
    assert summary.failed_at == (0.5, 0.9)
    assert summary.versions == {"v1": 1, "v2": 3}
    assert summary.first_answers == {"v1": 0.11, "v2": 0.92}
    assert (summary.p50, summary.slowest) == (15, 30)
    assert [(bucket["second"], bucket["sent"], bucket["failed"]) for bucket in summary.buckets] == [
        (0, 3, 2),
        (1, 2, 0),
    ]


def test_only_the_first_failures_are_listed_but_all_are_counted() -> None:
    summary = summarise([Visit(at=n, ms=1, error="x") for n in range(30)], started=0, seconds=30)
    assert (summary.failed, len(summary.failures), len(summary.failed_at)) == (30, 20, 30)


def test_a_summary_survives_its_way_through_json() -> None:
    summary = summarise(
        [Visit(at=0, ms=1, status=200, version="v1"), Visit(at=1, ms=1)], started=5, seconds=2
    )
    assert Summary.from_json(summary.to_json()) == summary


@pytest.mark.parametrize(("share", "chosen"), [(0.0, 0), (0.25, 25), (0.3, 30), (1.0, 100)])
def test_a_share_is_met_and_spread(share: float, chosen: int) -> None:
    picked = [number for number in range(100) if load._share(number, share)]
    assert len(picked) == chosen


class Site(BaseHTTPRequestHandler):
    """A page with a session counter; `/rude` answers once a connection and then closes it without a word."""

    protocol_version = "HTTP/1.1"
    counts: ClassVar[dict[str, int]] = {}

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        cookie = self.headers.get("Cookie") or f"PHPSESSID={len(self.counts)}"
        self.counts[cookie] = self.counts.get(cookie, 0) + 1
        self.send_response(500 if self.path == "/bad" else 200)
        self.send_header("Set-Cookie", f"{cookie}; path=/")
        self.send_header("X-Session-Count", str(self.counts[cookie]))
        self.send_header("X-Version", "v1")
        self.send_header("Content-Length", "9" if self.path == "/cut" else "2")
        self.end_headers()
        self.wfile.write(b"ok")
        if self.path in ("/rude", "/cut"):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the base class names it so

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Site.counts = {}
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def visitor(url: str, *, keep_alive: bool = True) -> Visitor:
    return Visitor(Plan(url, timeout=2), keep_alive, started=0)


@pytest.mark.parametrize("keep_alive", [True, False])
def test_a_visitor_keeps_the_session(site: str, keep_alive: bool) -> None:
    browser = visitor(f"{site}/", keep_alive=keep_alive)
    visits = [browser.visit("GET") for _ in range(3)]
    assert [(visit.ok, visit.count, visit.version) for visit in visits] == [
        (True, 1, "v1"),
        (True, 2, "v1"),
        (True, 3, "v1"),
    ]


def test_a_visitor_without_keep_alive_never_meets_a_closed_connection(site: str) -> None:
    browser = visitor(f"{site}/", keep_alive=False)
    assert all(browser.visit("POST").ok for _ in range(20))


def test_a_get_on_a_kept_connection_that_was_closed_goes_over_a_new_one(site: str) -> None:
    browser = visitor(f"{site}/rude")
    assert all(browser.visit("GET").ok for _ in range(3))
    assert browser.reconnects == 2


def test_a_post_is_never_sent_twice(site: str) -> None:
    browser = visitor(f"{site}/rude")
    assert browser.visit("GET").ok
    assert not browser.visit("POST").ok
    assert browser.reconnects == 0


def test_an_answer_that_is_cut_short_is_a_failure(site: str) -> None:
    visit = visitor(f"{site}/cut").visit("GET")
    assert not visit.ok
    assert "IncompleteRead" in visit.error


def test_an_error_page_is_a_failure_of_a_known_version(site: str) -> None:
    visit = visitor(f"{site}/bad").visit("GET")
    assert (visit.ok, visit.status, visit.version) == (False, 500, "v1")


def test_nobody_there_is_a_failure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        visit = visitor(f"http://127.0.0.1:{taken.getsockname()[1]}/").visit("GET")
    assert "ConnectionRefused" in visit.error


def test_a_run_sends_on_time_and_reports(site: str) -> None:
    summary = load.run(Plan(f"{site}/", rate=100, seconds=0.5, sessions=5, post=0.2), threading.Event())
    assert summary.sent + summary.missed == 50
    assert (summary.failed, summary.sessions_lost, summary.repeated) == (0, 0, 0), summary.failures
    assert summary.versions == {"v1": summary.sent}


def test_a_run_ends_when_it_is_told_to(site: str) -> None:
    stop = threading.Event()
    stop.set()
    assert load.run(Plan(f"{site}/", seconds=1000), stop).sent == 0


def test_the_command_writes_its_summary_to_a_file(site: str, tmp_path: Path) -> None:
    target = tmp_path / "summary.json"
    status = load.main([f"--url={site}/", "--rate=50", "--seconds=0.1", "--sessions=2", f"--json={target}"])
    assert status == 0
    assert json.loads(target.read_text())["failed"] == 0


def test_the_command_refuses_a_foreign_target(capsys: pytest.CaptureFixture[str]) -> None:
    assert load.main(["--url=http://192.0.2.1/"]) == 64
    assert "192.0.2.1" in capsys.readouterr().err
