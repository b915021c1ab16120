"""`rollout watch` as a stranger meets it on the command line, over an engine that is played."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from receivers import receiving
from unit import fake_engine as fake
from unit.engine_shapes import INFO, NODE, RUNNING, SERVICE
from unit.fake_engine import FakeEngine

from rollout.cli.complete import service_names
from rollout.cli.run import run
from rollout.errors import ExitCode

PROGRAM = str(Path(sys.executable).with_name("rollout"))
PROXY = Path(__file__).parents[2] / "examples" / "monitoring" / "engine-proxy.cfg"
ITS_OWN = re.compile(re.findall(r"acl its_own req.body -m reg '(.+)'\n", PROXY.read_text())[0])
POST: dict[str, Any] = {
    "ID": "w" * 25,
    "Version": {"Index": 7},
    "CreatedAt": "2026-11-23T19:17:00Z",
    "UpdatedAt": "2026-11-23T19:17:00Z",
    "Spec": {"Name": "rollout.watcher", "Labels": {}},
}


def tasks(count: int) -> list[dict[str, Any]]:
    return [{**RUNNING, "ID": f"task{n}", "Slot": n, "ServiceID": SERVICE["ID"]} for n in range(1, count + 1)]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEngine]:
    """A Swarm with one service of two replicas that run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("ROLLOUT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("rollout.vigil.once.CONFIRM", 0.0)
    with fake.fake_engine(tmp_path) as played:
        monkeypatch.setenv("DOCKER_HOST", played.host)
        played.on("GET /info", fake.says(INFO))
        played.on("GET /nodes", fake.says([NODE]))
        played.on("GET /services", fake.says([SERVICE]))
        played.on("GET /configs", fake.says([]))
        played.on("GET /tasks", fake.says(tasks(2)))
        played.on("POST /configs/create", fake.says({"ID": POST["ID"]}, 201))
        played.on(f"GET /configs/{POST['ID']}", fake.says(POST))
        played.on(f"DELETE /configs/{POST['ID']}", fake.says(b"", 204))
        yield played


def test_all_is_well(engine: FakeEngine, capsys):
    assert run(["watch", "--once"]) == ExitCode.OK
    assert capsys.readouterr().out == "✓ all is well: 1 service\n"


def test_all_is_well_for_programs(engine: FakeEngine, capsys):
    assert run(["watch", "--once", "-o", "json"]) == ExitCode.OK
    said = json.loads(capsys.readouterr().out)
    assert (said["event"], said["well"], said["services"], said["conditions"]) == ("watch", True, 1, [])


def test_something_is_wrong(engine: FakeEngine, capsys):
    engine.on("GET /tasks", fake.says(tasks(1)))
    assert run(["watch", "--once"]) == ExitCode.FAILED
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["WHAT", "NAME", "LEVEL", "CONDITION", "WHY"]
    assert row.split("  ")[0] == "service"
    assert "1 of 2 replicas runs" in row


def test_something_is_wrong_for_programs(engine: FakeEngine, capsys):
    engine.on("GET /tasks", fake.says([]))
    assert run(["watch", "--once", "-o", "json"]) == ExitCode.FAILED
    (found,) = json.loads(capsys.readouterr().out)["conditions"]
    assert (found["kind"], found["name"], found["level"]) == ("replicas", "web", "failure")
    assert "rollout status web" in found["next"]


def test_what_is_gone_with_the_second_look_was_only_on_its_way(engine: FakeEngine, capsys):
    engine.on("GET /tasks", fake.says(tasks(1)), fake.says([]), fake.says(tasks(2)))
    assert run(["watch", "--once"]) == ExitCode.OK


def test_what_only_the_second_look_sees_may_be_on_its_way_too(engine: FakeEngine, capsys):
    down = {**NODE, "Status": {**NODE["Status"], "State": "down"}}
    engine.on("GET /tasks", fake.says(tasks(1)))
    engine.on("GET /nodes", fake.says([NODE]), fake.says([down]))
    assert run(["watch", "--once", "-o", "json"]) == ExitCode.FAILED
    conditions = json.loads(capsys.readouterr().out)["conditions"]
    assert [one["kind"] for one in conditions] == ["replicas"]


def test_one_look_writes_nothing_and_tells_nobody(engine: FakeEngine, monkeypatch):
    engine.on("GET /tasks", fake.says([]))
    with receiving() as receiver:
        monkeypatch.setenv("ROLLOUT_NOTIFY", receiver.url)
        assert run(["watch", "--once"]) == ExitCode.FAILED
    assert receiver.requests == []
    assert {request.method for request in engine.requests} == {"GET"}


def test_a_page_that_fails_is_wrong_too(engine: FakeEngine, tmp_path: Path, capsys):
    with receiving(500) as page:
        url = f"http://127.0.0.1:{page.port}/"
        (tmp_path / "rollout.toml").write_text(
            f'[[watch.probes]]\nname = "shop"\nurl = "{url}"\nmethod = "POST"\ntimeout = "1s"\n'
        )
        assert run(["watch", "--once"]) == ExitCode.FAILED
    assert "shop" in capsys.readouterr().out


def test_an_engine_that_is_away_is_no_all_clear(engine: FakeEngine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    assert run(["watch", "--once"]) == ExitCode.REFUSED


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--every", "10"], '--every is "10", a number without unit'),
        (["--every", "1h"], "out of range"),
        (["--listen", "nowhere"], "not an address to listen on"),
        (["--label", "=x"], "not a label such as"),
        (["--on-abandoned", "hope"], "not one of tell, abort, resume"),
        (["nginx"], "there is no service nginx"),
    ],
)
def test_mistakes_are_refused_before_anything_is_looked_at(
    engine: FakeEngine, capsys, arguments: list[str], said: str
):
    assert run(["watch", "--once", *arguments]) == ExitCode.USAGE
    assert said in capsys.readouterr().err
    assert engine.asked("GET /tasks") == []


def test_a_name_in_the_file_that_nobody_has_is_told_and_ends_nothing(
    engine: FakeEngine, tmp_path: Path, capsys
):
    (tmp_path / "rollout.toml").write_text('[watch]\nservices = ["web", "ghost"]\n')
    assert run(["watch", "--once", "-o", "json"]) == ExitCode.FAILED
    (found,) = json.loads(capsys.readouterr().out)["conditions"]
    assert (found["kind"], found["name"]) == ("gone", "ghost")


def test_an_engine_that_is_away_when_the_watch_begins_is_waited_for(engine: FakeEngine, tmp_path: Path):
    (tmp_path / "rollout.toml").write_text('[watch]\nengine_for = "0"\nevery = "1s"\ncalm = "0"\n')
    socket = tmp_path / "later.sock"
    environment = {"DOCKER_HOST": f"unix://{socket}", "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        [PROGRAM, "watch", "-o", "json"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert lines_until(process, "alert")["kind"] == "engine"
            socket.symlink_to(engine.host.removeprefix("unix://"))
            assert lines_until(process, "alert_over")["kind"] == "engine"
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_an_address_that_is_none_ends_the_watch_at_once(engine: FakeEngine, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "nonsense://here")
    assert run(["watch"]) == ExitCode.USAGE


def test_the_short_name_and_the_name_in_the_file_are_services_too(engine: FakeEngine, tmp_path: Path):
    (tmp_path / "rollout.toml").write_text('[services.shop]\nservice = "web"\n')
    assert run(["watch", "--once", "shop"]) == ExitCode.OK


def test_a_file_with_addresses_that_is_not_there(engine: FakeEngine, tmp_path: Path, capsys):
    (tmp_path / "rollout.toml").write_text('[watch]\nurls_file = "/nowhere/urls"\n')
    assert run(["watch", "--once"]) == ExitCode.USAGE
    assert "urls_file in [watch] names a file that cannot be read" in capsys.readouterr().err


def test_services_complete(engine: FakeEngine):
    assert service_names("w") == ["web"]


def lines_until(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    assert process.stdout is not None
    for line in process.stdout:
        said = json.loads(line)
        if said["event"] == event:
            return said
    raise AssertionError(f"no {event}")


def test_it_tells_by_webhook_and_ends_in_order_at_sigterm(engine: FakeEngine, tmp_path: Path):
    urls = tmp_path / "urls"
    (tmp_path / "rollout.toml").write_text(
        f'[watch]\nurls_file = "{urls}"\nreplicas_for = "0"\nevery = "1s"\ncalm = "0"\n'
    )
    engine.on("GET /tasks", fake.says(tasks(1)))
    environment = {"DOCKER_HOST": engine.host, "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    with receiving() as receiver:
        urls.write_text(f"# who is told\n{receiver.url}\n")
        command = [PROGRAM, "watch", "-o", "json"]
        with subprocess.Popen(
            command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            began = lines_until(process, "alert")
            engine.on("GET /tasks", fake.says(tasks(2)))
            over = lines_until(process, "alert_over")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 0, process.stderr and process.stderr.read()
        deadline = time.monotonic() + 5
        while len(receiver.requests) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        told = [request.said for request in receiver.requests]
    assert (began["name"], began["kind"], over["alert"]) == ("web", "replicas", began["alert"])
    assert [(one["event"], one["level"], one["title"]) for one in told] == [
        ("alert", "warning", "web: 1 of 2 replicas runs"),
        ("alert_over", "success", over_title(told[1])),
    ]
    assert told[0]["alert"] == told[1]["alert"] == f"service/{SERVICE['ID']}"
    assert engine.asked(f"DELETE /configs/{POST['ID']}"), "its post is given back"
    written = [request.body.decode() for request in engine.asked("POST /configs/create")]
    assert len(written) >= 3, "its post, and pages with what is open and who is still to be told"
    assert all(ITS_OWN.search(one) for one in written), "as the example's proxy lets it through"


def test_a_receiver_that_hangs_delays_nobody_and_a_second_signal_ends_it_at_once(
    engine: FakeEngine, tmp_path: Path
):
    engine.on("GET /tasks", fake.says(tasks(1)))
    (tmp_path / "rollout.toml").write_text('[watch]\nreplicas_for = "0"\nevery = "1s"\ncalm = "0"\n')
    with receiving(0) as hanging, receiving() as well:
        environment = {
            "DOCKER_HOST": engine.host,
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "ROLLOUT_NOTIFY": f"{hanging.url} {well.url}",
        }
        with subprocess.Popen(
            [PROGRAM, "watch", "-o", "json"], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True
        ) as process:
            lines_until(process, "alert")
            engine.on("GET /tasks", fake.says(tasks(2)))
            lines_until(process, "alert_over")
            deadline = time.monotonic() + 3
            while len(well.requests) < 2 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert [one.said["event"] for one in well.requests] == ["alert", "alert_over"]
            assert len(hanging.requests) == 1, "its next message waits for its turn"
            process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):  # the one that hangs is waited for
                process.wait(timeout=1)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == ExitCode.SIGTERM
            assert time.monotonic() - began < 3
    assert engine.asked(f"DELETE /configs/{POST['ID']}"), "its post is given back all the same"


def over_title(message: dict[str, Any]) -> str:
    assert message["title"].startswith("over after ")
    assert message["title"].endswith("web: 1 of 2 replicas runs")
    return str(message["title"])
