"""The faults of the table, in its order; `right` are the exit codes of docs/deploying.md."""

from __future__ import annotations

from faults import ported, troubles
from faults.case import PAGE_GATE, PORTED, Case
from rollout.lab.stack import URL

DEPLOYED, ROLLED_BACK, REFUSED, HELD = 0, 3, 5, 6
_UNHURRIED = f"{URL}slow?ms=300"
"""A page that takes 0.3 s, to which the release `slower` adds another 0.3 s."""
_SMOKE = """[services.php.smoke]
command = ["sh", "-c", '''
SCRIPT_NAME=/index.php SCRIPT_FILENAME=/srv/public/index.php REQUEST_METHOD=GET REQUEST_URI=/ \\
cgi-fcgi -bind -connect "$ROLLOUT_PREVIEW_HOST:9000" | tee /dev/stderr | grep -q '<h1>Version'
''']
timeout = "30s"
"""
_BEFORE = """[[services.php.before]]
command = ["sh", "-c", "echo 'migration 42: column orders.total is missing' >&2; exit 1"]
timeout = "30s"
"""
_WATCHED_LONGER = {"bake": "12s"}
_LATER = 15.0

CASES = (
    Case("good", "none: a good release", (DEPLOYED,), blame=False),
    Case("error500", "every page is a 500", (ROLLED_BACK,), "error500"),
    Case("flaky", "one page in ten is a 500", (ROLLED_BACK,), "flaky"),
    Case(
        "slower",
        "pages take twice as long",
        (ROLLED_BACK,),
        "slower",
        url=_UNHURRIED,
        gate={**PAGE_GATE, "url": _UNHURRIED, "p95": "1.6x"},
    ),
    Case("crash-at-once", "crashes at once", (ROLLED_BACK,), "crash-at-once"),
    Case(
        "crash-late",
        "crashes after 10 s",
        (ROLLED_BACK,),
        "crash-late",
        defaults=_WATCHED_LONGER,
        linger=_LATER,
    ),
    Case("oom", "takes more memory than it may (after 3 s)", (ROLLED_BACK,), "oom", linger=_LATER),
    Case("never-healthy", "never healthy", (ROLLED_BACK,), "never-healthy"),
    Case(
        "turns-unhealthy",
        "healthy, then unhealthy (after 5 s)",
        (ROLLED_BACK,),
        "turns-unhealthy",
        defaults=_WATCHED_LONGER,
        linger=_LATER,
    ),
    Case(
        "deaf",
        "php-fpm stops listening (after 3 s), but keeps its ping",
        (ROLLED_BACK,),
        "deaf",
        linger=_LATER,
    ),
    Case("missing-image", "image not in the registry", (REFUSED,), ""),
    Case(
        "registry-away-before",
        "registry stopped before",
        (REFUSED,),
        blame=False,
        trouble=troubles.AWAY_BEFORE,
    ),
    Case(
        "registry-away-midway",
        "registry stopped for 20 s in its midst; a good release",
        (DEPLOYED,),
        blame=False,
        trouble=troubles.AWAY_MIDWAY,
    ),
    Case(
        "no-capacity",
        "no node has room for one replica more; a good release",
        (HELD, REFUSED),
        blame=False,
        defaults={"start_timeout": "10s", "progress_timeout": "15s"},
        trouble=troubles.NODES_FULL,
    ),
    Case(
        "port-taken",
        "the node's port is taken: start-first by force; a good release",
        (HELD, REFUSED),
        blame=False,
        service=PORTED,
        url=ported.URL,
        gate={"kind": "http", "url": ported.URL, "expect_status": 200},
        defaults={"start_timeout": "10s", "progress_timeout": "15s"},
        arguments=("--order", "start-first"),
    ),
    Case(
        "name-gone",
        "the probe's name resolves no more in its midst; a good release",
        (HELD,),
        blame=False,
        gate={**PAGE_GATE, "url": URL.replace("127.0.0.1", troubles.SITE_NAME)},
        defaults={"gate_timeout": "15s"},
        trouble=troubles.NAME_GONE,
        docker="probes nothing",
    ),
    Case("smoke", "every page is a 500, with a smoke test", (REFUSED,), "error500", extra=_SMOKE),
    Case(
        "before-hook",
        "a `before` hook fails; a good release",
        (REFUSED,),
        blame=False,
        extra=_BEFORE,
        docker="has no hooks",
    ),
    Case(
        "worker-killed",
        "a worker loses its power in its midst; a good release",
        (DEPLOYED,),
        blame=False,
        trouble=troubles.WORKER_KILLED,
        linger=_LATER,
    ),
)
