"""Two whole stacks as an engine (20.10.24) showed them: the example's, and that of `tests/e2e/article`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import slot_of, task_of
from unit.facts import NOW, found

from rollout import config
from rollout.config.file import parse
from rollout.model import Snapshot
from rollout.planning import Wish, choose_order
from rollout.preflight.facts import Facts
from rollout.spec import replicas
from rollout.swarm import parse as engine
from rollout.swarm.parse_image import inspected

STACKS = json.loads(Path(__file__).with_name("stacks.json").read_text(encoding="utf-8"))
EXAMPLE = Path(__file__).parents[2] / "examples" / "php-stack" / "rollout.toml"


def facts_of(name: str) -> Facts:
    """What a deployment of the same image again would look at, with the example's rollout.toml."""
    service = engine.service(STACKS["services"][name])
    nodes = {one.id: one for one in map(engine.node, STACKS["nodes"])}
    slots = tuple(slot_of(task_of(number)) for number in range(1, (replicas(service.spec) or 0) + 1))
    file = parse(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE, "rollout.toml")
    settings = config.settings({}, {}, file, name, {}, service.spec)
    wish = Wish(service.spec, service.spec, settings.options, settings.origin)
    return Facts(
        snapshot=Snapshot(service, slots, nodes),
        baseline=service.spec,
        target=service.spec,
        options=settings.options,
        order=choose_order(wish)[0],
        image=inspected(STACKS["images"][name], name),
        now=NOW,
    )


@pytest.mark.parametrize(
    ("name", "accepted"),
    [
        ("site_php", []),
        ("site_nginx", []),
        ("site_haproxy", ["single-replica"]),
        ("site_redis", ["no-probe", "single-replica"]),
    ],
)
def test_the_example_passes_and_accepts_only_that_one_of_a_kind_has_no_stand_in(
    name: str, accepted: list[str]
):
    assert found(facts_of(name)) == accepted
    assert set(accepted) <= set(facts_of(name).options.ignore_checks)


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        (
            "article_php",
            {
                "no-healthcheck",
                "no-probe",
                "stop-signal",
                "grace-short",
                "restart-gives-up",
                "local-volume",
                "mutable-tag",
            },
        ),
        ("article_nginx", {"no-healthcheck", "no-probe", "stop-signal", "grace-short", "mutable-tag"}),
    ],
)
def test_the_article_gets_the_findings_that_its_author_would_have_needed(name: str, needed: set[str]):
    assert set(found(facts_of(name))) == needed
