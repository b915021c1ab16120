"""Every check finds what it is there for, and nothing where all is well."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from builders import slot_of, task_of
from unit.facts import (
    CHECK,
    GIB,
    NOW,
    PHP,
    SECOND,
    facts,
    found,
    node,
    sentence,
    spec_of,
    with_template,
)

from rollout import pacing
from rollout.config.values import CHECK_CODES
from rollout.model import (
    Batch,
    Image,
    ImageConfig,
    ManualGate,
    Node,
    Occupant,
    OneShot,
    Options,
    Order,
    Severity,
    TaskState,
)
from rollout.preflight import CHECKS, examine, refusing
from rollout.preflight.facts import Facts, Neighbour, Survey
from rollout.preflight.reference import renewed

GLOBAL = {"Mode": {"Global": {}}}
STOP_FIRST = {"order": Order.STOP_FIRST}
NGINX = {"Name": "site_nginx", "TaskTemplate": {"ContainerSpec": {"Image": "registry.example/nginx:1"}}}
STALE = Neighbour("site_nginx", NGINX, ("location / { fastcgi_pass php:9000; }",))
HAPROXY = {"Name": "lb", "TaskTemplate": {"ContainerSpec": {"Image": "haproxy:2.8"}}}


def target(**fields: object) -> dict:
    """The target with other fields at its top."""
    return spec_of(NEW_IMAGE) | fields


NEW_IMAGE = Image("registry.example/app", "2", "sha256:" + "2" * 64)


def canary(*stages: Batch) -> Options:
    """A canary of these stages, with the page that all facts have."""
    return replace(facts().options, strategy="canary", stages=stages)


def one_replica() -> dict:
    return target(Mode={"Replicated": {"Replicas": 1}})


def health(**fields: object) -> dict:
    """Facts with another health check in the image."""
    return {"image": replace(PHP, healthcheck=replace(CHECK, **fields))}


def template(**fields: object) -> dict:
    """Facts with other fields in the target's TaskTemplate."""
    return {"target": with_template(spec_of(NEW_IMAGE), **fields)}


def container(**fields: object) -> dict:
    """Facts with other fields in the target's ContainerSpec."""
    return {"target": spec_of(NEW_IMAGE, **fields)}


def volume(**fields: object) -> dict:
    return container(Mounts=[{"Type": "volume", "Source": "uploads", "Target": "/srv", **fields}])


def reserving(memory: int, *occupants: Occupant) -> dict:
    reserved = {"Reservations": {"MemoryBytes": memory}}
    return template(Resources=reserved) | {"survey": Survey(occupants=occupants)}


def port_80() -> dict:
    ports = [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 80, "PublishMode": "host"}]
    taken = [Occupant(f"id-{number}", "other", ports=frozenset({("tcp", 80)})) for number in (1, 2, 3)]
    return {"target": target(EndpointSpec={"Ports": ports}), "survey": Survey(occupants=tuple(taken))}


def down(*numbers: int) -> dict:
    nodes = (node(one, gone=one in numbers, ready=one not in numbers) for one in (1, 2, 3))
    return {"nodes": tuple(nodes)}


def one_crashed() -> Facts:
    made = facts()
    failed = slot_of(task_of(4, state=TaskState.STARTING))
    return replace(made, snapshot=replace(made.snapshot, slots=(*made.snapshot.slots[:3], failed)))


def ended(left: int) -> Facts:
    """Four replicas are wanted, and only some are left that Swarm means to run."""
    made = facts()
    return replace(made, snapshot=replace(made.snapshot, slots=made.snapshot.slots[:left]))


def bound(source: str) -> dict:
    return container(Mounts=[{"Type": "bind", "Source": source, "Target": "/srv"}])


def dnsrr(*neighbours: Neighbour) -> dict:
    return {"target": target(EndpointSpec={"Mode": "dnsrr"}), "survey": Survey(neighbours=neighbours)}


def stopped_by(signal: str | None, image: str = "registry.example/app:2", **config: object) -> dict:
    pinned = f"{image}@sha256:{'2' * 64}"
    known = replace(PHP, stop_signal=signal, **config)
    with_it = spec_of(Image.parse(pinned))
    return {"baseline": with_it, "target": with_it, "image": known}


PREPARED = ("sh", "-c", "set -e; A=b migrate && exec php-fpm -F")


def wrapped(*command: str) -> dict:
    return {"entrypoint": ("docker-php-entrypoint",), "command": command}


LITERAL = "resolver 127.0.0.11 valid=1s; location / { fastcgi_pass php:9000; }"
STALE_CONFIGS = (
    ("no variable", NGINX, LITERAL),
    ("a resolver in a comment", NGINX, "# resolver 127.0.0.11;\nlocation / { set $p php; fastcgi_pass $p; }"),
    ("an upstream", NGINX, "resolver 127.0.0.11; upstream app { server php:9000; } fastcgi_pass app;"),
    ("HAProxy, unused", HAPROXY, "resolvers docker\n nameserver a b:53\nbackend b\n server s php:9000"),
    ("HAProxy, one of two", HAPROXY, "backend b\n server a php:1 resolvers d\n server b php:2 check"),
)
FRESH_CONFIGS = (
    (
        "an upstream that resolves",
        NGINX,
        "resolver a; upstream php { server php:9000 resolve; } fastcgi_pass php;",
    ),
    ("a variable", NGINX, "resolver a; set $php php; proxy_pass http://$php:80/x;"),
    ("a server line", HAPROXY, "backend b\n server a php:1 check resolvers d init-addr none"),
    ("a template", HAPROXY, "backend b\n server-template a 4 php:1 resolvers d check"),
    ("a default", HAPROXY, "defaults\n default-server resolvers d check\nbackend b\n server a php:1"),
    ("a name in a comment", NGINX, "resolver a; # fastcgi_pass php:9000;"),
)


def stale(server: dict, text: str) -> Callable[[], Facts]:
    return lambda: facts(**dnsrr(Neighbour(server["Name"], server, (text,))))


FINDS: tuple[tuple[str, str, Callable[[], Facts]], ...] = (
    ("no-healthcheck", "no check anywhere", lambda: facts(image=replace(PHP, healthcheck=CHECK.__class__()))),
    ("no-healthcheck", "switched off", lambda: facts(**container(Healthcheck={"Test": ["NONE"]}))),
    ("healthcheck-unknown", "no such image here", lambda: facts(image=None)),
    ("healthcheck-too-slow", "half a minute", lambda: facts(options=quick(start_timeout=2.0))),
    ("start-timeout-short", "a start period of 3m", lambda: facts(**health(start_period=180.0))),
    ("monitor-short", "18s against 15s", lambda: facts(**health(interval=6.0))),
    ("monitor-short", "5 x 4s against 15s", lambda: facts(**health(interval=4.0, retries=5))),
    ("monitor-short", "Docker's 3 retries", lambda: facts(**health(interval=6.0, retries=0))),
    ("healthcheck-guessed", "the present image's", lambda: facts(guessed=True)),
    ("healthcheck-too-slow", "20.10", lambda: facts(**patient("20.10.24"))),
    ("healthcheck-too-slow", "26.1, no start interval", lambda: facts(**patient("26.1.5"))),
    ("healthcheck-too-slow", "20.10 drops one", lambda: facts(**patient("20.10.24", start_interval=1.0))),
    ("healthcheck-too-slow", "one old node", lambda: facts(**patient("28.5.2", "20.10.24"))),
    (
        "monitor-short",
        "nothing is set",
        lambda: facts(target=target(UpdateConfig=None), **health(interval=6.0)),
    ),
    ("no-probe", "no gate", lambda: facts(options=Options())),
    ("stop-signal", "php-fpm by its command", lambda: facts(**stopped_by("SIGTERM"))),
    ("stop-signal", "Docker's default", lambda: facts(**stopped_by(None))),
    (
        "stop-signal",
        "a shell's text",
        lambda: facts(**stopped_by("15", command=("sh", "-c", "php-fpm8.2 -F"))),
    ),
    (
        "stop-signal",
        "php by its tag",
        lambda: facts(**stopped_by("TERM", "php:8.2-fpm", command=("start.sh",))),
    ),
    (
        "stop-signal",
        "nginx by its name",
        lambda: facts(**stopped_by(None, "patch-nginx:1", command=())),
    ),
    (
        "stop-signal",
        "HAProxy",
        lambda: facts(**stopped_by("SIGTERM", "haproxy:2.8", command=("supervisord",))),
    ),
    ("stop-signal", "Apache", lambda: facts(**stopped_by("TERM", "php", command=("apache2-foreground",)))),
    ("stop-signal", "an entrypoint's argument", lambda: facts(**stopped_by("TERM", **wrapped("php-fpm")))),
    ("stop-signal", "after --", lambda: facts(**stopped_by("TERM", **wrapped("tini", "-g", "--", "nginx")))),
    ("stop-signal", "the last in a text", lambda: facts(**stopped_by("TERM", command=PREPARED))),
    ("stop-signal", "set by the spec", lambda: facts(**container(StopSignal="SIGTERM"))),
    ("grace-short", "a web server", lambda: facts(**container(StopGracePeriod=29 * SECOND))),
    ("grace-short", "a web server, nothing set", lambda: facts(**container(StopGracePeriod=None))),
    (
        "grace-short",
        "killed at once",
        lambda: facts(image=ImageConfig(CHECK), **container(StopGracePeriod=0)),
    ),
    (
        "grace-long",
        "a minute and more",
        lambda: facts(**STOP_FIRST, **container(StopGracePeriod=61 * SECOND)),
    ),
    ("single-replica", "one, stop-first", lambda: facts(replicas=1, **STOP_FIRST)),
    ("replicas-down", "one is starting", one_crashed),
    ("replicas-down", "one has ended for good", lambda: ended(3)),
    ("replicas-down", "all have", lambda: ended(0)),
    ("start-first-unplaceable", "a host port", lambda: facts(**port_80())),
    ("start-first-unplaceable", "too big", lambda: facts(**reserving(5 * GIB))),
    ("preview-impossible", "stop-first", lambda: facts(preview=4, **STOP_FIRST)),
    ("no-canary", "all 4 replicas", lambda: facts(options=canary(Batch(5)))),
    ("canary-unused", "of rolling", lambda: facts(options=replace(canary(Batch(2)), strategy="rolling"))),
    ("no-canary", "one replica", lambda: facts(options=canary(Batch(1)), target=one_replica())),
    ("preview-unplaceable", "room for three", lambda: facts(preview=4, **reserving(3 * GIB))),
    ("no-node", "all are down", lambda: facts(**down(1, 2, 3))),
    ("no-node", "no such label", lambda: facts(**template(Placement={"Constraints": ["node.labels.a==b"]}))),
    ("platform-missing", "arm only", lambda: facts(platforms=("linux/arm64/v8",))),
    (
        "platform-missing",
        "32 bits on arm64",
        lambda: facts(nodes=machines("aarch64"), platforms=("linux/386",)),
    ),
    (
        "platform-missing",
        "as the spec has it",
        lambda: facts(platforms=("linux/arm64",), **for_platform("arm64")),
    ),
    ("local-volume", "the default driver", lambda: facts(**volume())),
    ("local-volume", "by name", lambda: facts(**volume(VolumeOptions={"DriverConfig": {"Name": "local"}}))),
    ("bind-mount", "a folder", lambda: facts(**bound("/srv/data"))),
    ("global-unpaced", "global mode", lambda: facts(target=target(**GLOBAL))),
    ("unpinned-image", "a tag alone", lambda: facts(target=spec_of(Image("registry.example/app", "2")))),
    ("unpinned-way-back", "a tag alone", lambda: facts(baseline=spec_of(Image("registry.example/app", "1")))),
    ("mutable-tag", "latest", lambda: facts(target=spec_of(replace(NEW_IMAGE, tag="latest")))),
    ("other-registry", "another one", lambda: facts(baseline=spec_of(elsewhere("other.example/app")))),
    ("other-registry", "from Docker Hub", lambda: facts(baseline=spec_of(elsewhere("shop/app")))),
    ("credentials-expired", "a second ago", lambda: facts(credentials_expire=NOW - timedelta(seconds=1))),
    ("credentials-expired", "this very moment", lambda: facts(credentials_expire=NOW)),
    ("credentials-expiring", "in 10m", lambda: facts(credentials_expire=NOW + timedelta(minutes=10))),
    ("update-paused", "an update", lambda: facts(service={"update_state": "paused"})),
    ("update-paused", "a rollback", lambda: facts(service={"update_state": "rollback_paused"})),
    ("previous-spec", "another image", lambda: facts(service={"previous": spec_of(NEW_IMAGE)})),
    ("previous-spec", "other settings", lambda: facts(service={"previous": spec_of(Env=["A=geheim"])})),
    ("restart-gives-up", "none", lambda: facts(**template(RestartPolicy={"Condition": "none"}))),
    (
        "restart-gives-up",
        "on failure",
        lambda: facts(**template(RestartPolicy={"Condition": "on-failure"})),
    ),
    (
        "restart-gives-up",
        "three times",
        lambda: facts(**template(RestartPolicy={"Condition": "on-failure", "MaxAttempts": 3})),
    ),
    ("secret-missing", "gone", lambda: facts(survey=Survey(missing_secrets=("db-password",)))),
    ("config-missing", "gone", lambda: facts(survey=Survey(missing_configs=("php.ini",)))),
    ("dns-cached", "nginx", lambda: facts(**dnsrr(STALE))),
    *(("dns-cached", case, stale(server, text)) for case, server, text in STALE_CONFIGS),
    ("dns-cached", "HAProxy", lambda: facts(**dnsrr(Neighbour("lb", HAPROXY, ("server s1 site_php:9000",))))),
    ("nodes-down", "one of three", lambda: facts(**down(2))),
    ("nodes-drained", "one of three", lambda: facts(nodes=(node(1), node(2, active=False), node(3)))),
    ("engine-cuts-connections", "29.1.4", lambda: facts(nodes=(node(1), node(2, engine="29.1.4")))),
    ("engine-cuts-connections", "25.0.13", lambda: facts(nodes=(node(1, engine="25.0.13"), node(2)))),
)


def machines(architecture: str) -> tuple[Node, ...]:
    return tuple(node(number, architecture=architecture) for number in (1, 2, 3))


def for_platform(architecture: str) -> dict:
    return template(Placement={"Platforms": [{"Architecture": architecture, "OS": "linux"}]})


def patient(*engines: str, **fields: object) -> dict:
    """An interval that is too long, unless the engines hurry in the start period."""
    slow = health(interval=30.0, retries=1, start_period=10.0, **fields)
    running = tuple(node(number, engine=engine) for number, engine in enumerate(engines, start=1))
    long = target(UpdateConfig={"Monitor": 60 * SECOND})
    return slow | {"nodes": running, "options": quick(start_timeout=10.0), "target": long}


def elsewhere(repository: str) -> Image:
    return replace(NEW_IMAGE, repository=repository)


def quick(**fields: object) -> Options:
    return replace(facts().options, **fields)


@pytest.mark.parametrize(
    ("code", "case", "given"), FINDS, ids=lambda one: one if isinstance(one, str) else ""
)
def test_what_is_wrong_is_found_and_nothing_else(code: str, case: str, given: Callable[[], Facts]):
    beside = {"no-node": "nodes-down", "unpinned-image": "mutable-tag"}
    assert [one for one in found(given()) if one != beside.get(code)] == [code]


def test_where_all_is_well_nothing_is_found():
    assert found(facts()) == []


def test_every_check_is_known_to_find_something():
    assert {code for code, _, _ in FINDS} == {check.code for check in CHECKS}


RIGHT: tuple[tuple[str, Callable[[], Facts]], ...] = (
    ("a check in the spec alone", lambda: facts(image=None, **container(Healthcheck={"Test": ["CMD", "x"]}))),
    ("a start period of exactly the timeout", lambda: facts(**health(start_period=120.0))),
    ("a manual gate", lambda: facts(options=Options(gates=(ManualGate(),)))),
    ("a preview with room for all of it", lambda: facts(preview=3, **reserving(3 * GIB))),
    ("a canary with others behind it", lambda: facts(options=canary(Batch(1), Batch(5)))),
    ("a preview that reserves nothing", lambda: facts(preview=400)),
    ("a smoke test", lambda: facts(options=Options(smoke=OneShot(("smoke",))))),
    ("a signal by its number", lambda: facts(**stopped_by("3"))),
    ("a signal without SIG", lambda: facts(**stopped_by("QUIT"))),
    ("a soft stop of HAProxy", lambda: facts(**stopped_by("SIGUSR1", "haproxy:2.8", command=("haproxy",)))),
    (
        "an image that only watches nginx",
        lambda: facts(**stopped_by(None, "nginx-exporter:1", command=("x",))),
    ),
    ("a spec that sets the signal right", lambda: facts(**stopped_by_spec())),
    ("an unknown server with Docker's grace period", lambda: facts(**unknown_server())),
    ("a long grace period with start-first", lambda: facts(**container(StopGracePeriod=90 * SECOND))),
    (
        "a minute's grace with stop-first",
        lambda: facts(**STOP_FIRST, **container(StopGracePeriod=60 * SECOND)),
    ),
    ("one replica with start-first", lambda: facts(replicas=1)),
    ("two replicas with stop-first", lambda: facts(replicas=2, **STOP_FIRST)),
    ("a host port with stop-first", lambda: facts(**STOP_FIRST, **port_80())),
    ("room on one node", lambda: facts(**reserving(3 * GIB, *(filling(one) for one in (1, 2))))),
    ("a platform among others", lambda: facts(platforms=("linux/arm64", "linux/amd64"))),
    ("arm of 32 bits", lambda: facts(nodes=machines("armv7l"), platforms=("linux/arm/v7",))),
    ("a PC of 32 bits", lambda: facts(nodes=machines("i686"), platforms=("linux/386",))),
    (
        "a volume that all nodes share",
        lambda: facts(**volume(VolumeOptions={"DriverConfig": {"Name": "nfs"}})),
    ),
    ("NFS by the local driver", lambda: facts(**mounted(type="nfs", o="addr=10.0.0.1,rw", device=":/srv"))),
    ("CIFS", lambda: facts(**mounted(type="cifs", o="username=x", device="//nas/srv"))),
    ("NFS by its address alone", lambda: facts(**mounted(o="addr=10.0.0.1"))),
    ("Docker's socket", lambda: facts(**bound("/var/run/docker.sock"))),
    ("the time of day", lambda: facts(**bound("/etc/localtime"))),
    ("a folder of the only node for it", lambda: facts(**pinned(bound("/srv/data")))),
    ("27 hurries by itself", lambda: facts(**patient("27.0.1", "28.5.2"))),
    ("25 does where it is told to", lambda: facts(**patient("25.0.5", start_interval=1.0))),
    ("a check of its own", lambda: facts(guessed=True, **container(Healthcheck={"Test": ["CMD", "x"]}))),
    ("a previous spec that paced this one", lambda: facts(service={"previous": paced()})),
    ("no replicas wanted", lambda: facts(**unwanted())),
    ("a volume on the only node for it", lambda: facts(**pinned_volume())),
    ("a volume without a name", lambda: facts(**volume(Source=""))),
    (
        "another repository of the same registry",
        lambda: facts(baseline=spec_of(elsewhere("registry.example/other"))),
    ),
    ("credentials for a day", lambda: facts(credentials_expire=NOW + timedelta(days=1))),
    ("an update that is complete", lambda: facts(service={"update_state": "completed"})),
    ("a previous spec of the same image", lambda: facts(service={"previous": spec_of()})),
    ("a restart policy of the engine's own", lambda: facts(**template(RestartPolicy=None))),
    ("a proxy that asks DNS again", lambda: facts(**dnsrr(asking_again()))),
    ("a proxy of something else", lambda: facts(**dnsrr(replace(STALE, files=("proxy_pass http://api;",))))),
    *((f"DNS: {case}", stale(server, text)) for case, server, text in FRESH_CONFIGS),
    ("a queue worker", lambda: facts(**worker("php", "artisan", "queue:work"))),
    ("a queue worker in a shell", lambda: facts(**worker("sh", "-c", "cd /srv && php artisan queue:work"))),
    ("one that waits for nginx", lambda: facts(**worker("wait-for", "nginx", "--", "node", "app.js"))),
    ("a proxy before one address", lambda: facts(survey=Survey(neighbours=(STALE,)))),
    ("a drained node that may not run it", lambda: facts(**drained_elsewhere())),
    ("engines that were mended", lambda: facts(nodes=(node(1, engine="29.1.5"), node(2, engine="25.0.15")))),
    ("an engine that says nothing", lambda: facts(nodes=(node(1, engine=""), node(2, engine="master")))),
)


def stopped_by_spec() -> dict:
    return stopped_by("SIGTERM") | container(StopSignal="sigquit")


def worker(*words: str) -> dict:
    """Something else in php-fpm's image."""
    image = Image.parse(f"registry.example/patch-php-fpm:2@sha256:{'2' * 64}")
    return {"target": spec_of(image, Args=list(words), StopSignal="SIGTERM")} | {
        "image": replace(PHP, entrypoint=("docker-php-entrypoint",))
    }


def unknown_server() -> dict:
    return {"image": ImageConfig(CHECK, command=("redis-server",))} | container(StopGracePeriod=None)


def filling(number: int) -> Occupant:
    return Occupant(f"id-{number}", "other", memory=2 * GIB)


def pinned_volume() -> dict:
    return pinned(volume())


def pinned(given: dict) -> dict:
    """The same on one node only."""
    return {"target": with_template(given["target"], Placement={"Constraints": ["node.hostname == node-2"]})}


def mounted(**options: str) -> dict:
    """A volume that the driver ``local`` mounts from elsewhere."""
    return volume(VolumeOptions={"DriverConfig": {"Name": "local", "Options": options}})


def paced() -> dict:
    """What `rollout deploy` leaves as the previous spec."""
    return dict(pacing.released(spec_of(), 1, Order.START_FIRST, 3))


def unwanted() -> dict:
    return {"replicas": 0, "service": {"spec": spec_of() | {"Mode": {"Replicated": {"Replicas": 0}}}}}


def asking_again() -> Neighbour:
    again = "resolver 127.0.0.11 valid=1s; set $php php; fastcgi_pass $php:9000;"
    return replace(STALE, files=(again,))


def drained_elsewhere() -> dict:
    only = template(Placement={"Constraints": ["node.role == worker"]})
    return {"nodes": (node(1, active=False), node(2), node(3))} | only


@pytest.mark.parametrize(("case", "given"), RIGHT, ids=[case for case, _ in RIGHT])
def test_what_only_looks_wrong_is_not_found(case: str, given: Callable[[], Facts]):
    assert found(given()) == []


def test_a_slow_check_that_is_hurried_in_its_start_period_is_quick_enough():
    patient = health(interval=30.0, start_period=30.0, start_interval=1.0)
    long = target(UpdateConfig={"Monitor": 90 * SECOND})
    assert found(facts(target=long, options=quick(start_timeout=30.0), **patient)) == []


def test_in_global_mode_each_node_has_to_have_room():
    crowded = reserving(3 * GIB, filling(2))
    everywhere = {**crowded["target"], **GLOBAL}
    assert found(facts(**crowded)) == []
    assert "start-first-unplaceable" in found(facts(target=everywhere, survey=crowded["survey"]))


def test_a_global_service_cannot_have_a_preview_beside_it():
    assert "preview-impossible" in found(facts(preview=3, target=target(**GLOBAL)))


def test_a_global_services_missing_replicas_are_counted_by_the_nodes():
    everywhere = spec_of() | GLOBAL
    given = facts(replicas=2, service={"spec": everywhere}, target=target(**GLOBAL))
    assert "1 of 3 replicas are not running" in sentence("replicas-down", given)


def test_what_the_previous_spec_has_other_is_named_without_its_values():
    told = sentence("previous-spec", facts(service={"previous": spec_of(Env=["A=geheim"])}))
    assert "ContainerSpec.Env.A" in told
    assert "geheim" not in told


def test_a_finding_says_what_was_found_what_it_costs_and_what_mends_it():
    (finding,) = examine(facts(**stopped_by("SIGTERM")))
    assert finding.sentence == (
        "php-fpm is stopped by SIGTERM instead of SIGQUIT: it breaks off the requests that it is working on"
    )
    assert "`STOPSIGNAL SIGQUIT` in the Dockerfile" in finding.remedy
    assert finding.severity == Severity.WARNING


def remedy(code: str, given: Facts) -> str:
    return next(finding.remedy for finding in examine(given) if finding.code == code)


def test_the_command_that_mends_it_can_be_typed_as_it_is():
    ended_now = facts(credentials_expire=NOW)
    assert remedy("credentials-expired", ended_now) == "`docker login registry.example`"
    ecr = "637345297332.dkr.ecr.eu-west-1.amazonaws.com"
    in_ecr = spec_of(elsewhere(f"{ecr}/app"))
    assert remedy("credentials-expired", replace(ended_now, baseline=in_ecr, target=in_ecr)) == (
        "`aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin "
        f"{ecr}`"
    )
    moved = facts(baseline=spec_of(elsewhere("other.example/app")))
    assert remedy("other-registry", moved).startswith("`docker login other.example`")
    gone = facts(survey=Survey(missing_secrets=("db-password",)))
    assert remedy("secret-missing", gone).startswith("`docker secret create db-password FILE`")


def test_the_lines_that_mend_it_name_the_service():
    unhealthy = facts(image=replace(PHP, healthcheck=CHECK.__class__()))
    assert "[services.site_php.healthcheck]" in remedy("no-healthcheck", unhealthy)
    assert "`rollout status site_php`" in remedy("replicas-down", one_crashed())
    floating = facts(baseline=spec_of(Image("registry.example/app", "1")))
    assert "rollout deploy site_php --image registry.example/app:1@sha256:" in remedy(
        "unpinned-way-back", floating
    )


def test_where_there_is_no_place_each_node_has_its_reason():
    nodes = (node(1, active=False), node(2), node(3, memory=GIB))
    taken = [Occupant("id-2", "other", memory=2 * GIB)]
    told = sentence("start-first-unplaceable", facts(nodes=nodes, **reserving(3 * GIB, *taken)))
    assert "node-2 has too little left to reserve, node-3 has too little left to reserve" in told


def test_the_worst_comes_first():
    made = facts(options=Options(), image=None, platforms=("linux/arm64",), target=target(**GLOBAL))
    severities = [finding.severity for finding in examine(made)]
    assert severities == sorted(severities, key=list(Severity).index)
    assert {severities[0], severities[-1]} == {Severity.ERROR, Severity.NOTE}


def test_errors_refuse_and_warnings_only_where_strictness_is_wished():
    assert [finding.code for finding in refusing(examine(facts(**reserving(5 * GIB))))] == [
        "start-first-unplaceable"
    ]
    assert refusing(examine(facts(options=Options()))) == ()
    assert [finding.code for finding in refusing(examine(facts(options=Options(strict=True))))] == [
        "no-probe"
    ]


def test_strictness_leaves_notes_alone():
    note = facts(options=quick(strict=True), target=spec_of(replace(NEW_IMAGE, tag="latest")))
    assert [finding.severity for finding in examine(note)] == [Severity.NOTE]


@pytest.mark.parametrize("accepted", [("no-probe",), ("all",), ("mutable-tag", "no-probe")])
def test_what_is_accepted_is_told_and_does_not_refuse(accepted: tuple[str, ...]):
    (finding,) = examine(facts(options=Options(strict=True, ignore_checks=accepted)))
    assert (finding.code, finding.accepted, finding.refuses) == ("no-probe", True, False)


def test_accepting_one_thing_accepts_nothing_else():
    (finding,) = examine(facts(options=Options(strict=True, ignore_checks=("mutable-tag",))))
    assert finding.refuses


def test_codes_are_unique_and_each_can_be_accepted():
    codes = [check.code for check in CHECKS]
    assert len(set(codes)) == len(codes)
    assert CHECK_CODES.read(codes) == tuple(codes)


PAGE = Path(__file__).parents[2] / "docs" / "checks.md"


def test_the_page_has_the_checks_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), f"renew it: python -m rollout.preflight.reference {PAGE}"
    assert re.findall(r"^### (.+)$", page, re.MULTILINE) == [check.code for check in CHECKS]


def test_a_page_that_is_out_of_date_is_noticed():
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page.replace("### no-probe", "### no-question")) == page


def test_every_check_says_in_its_words_what_it_looks_for_costs_and_mends():
    for check in CHECKS:
        assert check.meaning.endswith("."), check.code
        assert check.costs, check.code
        assert not check.costs.endswith("."), check.code
        assert check.mend, check.code
