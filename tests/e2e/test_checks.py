"""`rollout check` on real stacks: the example's, and the one that it improves upon."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from e2e.article_stack import NAME, deploy_article
from e2e.conftest import Site

from rollout.lab.stack import example

pytestmark = pytest.mark.lab

CONFIG = str(example() / "rollout.toml")
THE_AUTHORS = {
    "article_php": {
        "no-healthcheck",
        "no-probe",
        "stop-signal",
        "grace-short",
        "restart-gives-up",
        "local-volume",
        "mutable-tag",
    },
    "article_nginx": {"no-healthcheck", "no-probe", "stop-signal", "grace-short", "mutable-tag"},
}


@pytest.mark.parametrize("service", ["php", "nginx", "haproxy", "redis"])
def test_the_example_passes_with_no_finding(site: Site, service: str):
    run = site.rollout("check", service, "--config", CONFIG, "--strict")
    assert run.returncode == 0, run.stderr
    assert "nothing was found" in run.stdout


def test_what_the_example_accepts_is_that_one_of_a_kind_has_no_stand_in(site: Site):
    run = site.rollout("check", "redis", "--config", CONFIG, "-o", "json")
    accepted = {one["code"] for one in json.loads(run.stdout)["findings"] if one["accepted"]}
    assert accepted == {"single-replica", "no-probe"}


@pytest.fixture(scope="module")
def article(_site: Site) -> Iterator[Site]:
    """The article's stack beside the example's."""
    deploy_article(_site.lab)
    yield _site
    for service in _site.swarm.services():
        if service.name.startswith(f"{NAME}_"):
            _site.swarm.remove(service.id)


@pytest.mark.parametrize("service", list(THE_AUTHORS))
def test_the_articles_stack_gets_the_findings_that_its_author_would_have_needed(article: Site, service: str):
    run = article.rollout("check", service, "-o", "json")
    found = {one["code"] for one in json.loads(run.stdout)["findings"]}
    assert THE_AUTHORS[service] <= found, run.stdout
    assert run.returncode == 0
    assert article.rollout("check", service, "--strict").returncode == 5
