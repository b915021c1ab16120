"""The article's own image name on a real Swarm: ECR wants a login, AWS gives it, or does not any more."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from e2e.conftest import Site
from e2e.guarded_registry import ECR, IMAGE, OLD, Guarded, aws
from e2e.test_php_site import said

from rollout.lab import images
from rollout.model import Task

pytestmark = pytest.mark.lab

SERVICE = "patch_php"
QUICK = ("--min-ready", "1s", "--bake", "1s")
LABEL = "ecr"


@pytest.fixture
def guarded(site: Site, tmp_path: Path) -> Iterator[Guarded]:
    with Guarded(site.lab, tmp_path).open() as registry:
        yield registry


@pytest.fixture
def configured(tmp_path: Path) -> tuple[str, ...]:
    """`php` is this service, whatever other stack has one."""
    (tmp_path / "rollout.toml").write_text(f'[services.php]\nservice = "{SERVICE}"\n')
    return ("--config", str(tmp_path / "rollout.toml"))


def docker(site: Site, *arguments: str) -> None:
    node = site.lab.node(1)
    node.run(["docker", "--host", node.host, *arguments], timeout=120)


def tag_latest(site: Site, tag: str) -> None:
    """Push a release as :latest, past the login."""
    docker(site, "tag", site.image(tag), f"{site.lab.registry}/patch-php-fpm:latest")
    images.push(site.lab.node(1), f"{site.lab.registry}/patch-php-fpm:latest")


@contextmanager
def served(site: Site, tmp_path: Path, *mode: str) -> Iterator[str]:
    """The service on two nodes, :latest, made with a login that is about to end."""
    tag_latest(site, "v1")
    home = tmp_path / "docker"
    home.mkdir()
    login = base64.b64encode(":".join(OLD).encode()).decode()
    (home / "config.json").write_text(json.dumps({"auths": {ECR: {"auth": login}}}))
    for number in (1, 2):
        docker(site, "node", "update", "--label-add", f"{LABEL}=1", site.lab.node(number).name)
    placed = (
        "--constraint",
        f"node.labels.{LABEL}==1",
        "--network",
        "site_default",
        "--limit-memory",
        "200M",
    )
    careful = ("--update-order", "start-first", "--stop-grace-period", "40s", "--health-interval", "1s")
    made = ("service", "create", "--detach", "--with-registry-auth", "--name", SERVICE, *mode)
    try:
        docker(site, "--config", str(home), *made, *placed, *careful, f"{IMAGE}:latest")
        assert until(lambda: len(tasks(site)) == 2, 60), every(site)
        yield SERVICE
    finally:
        docker(site, "service", "rm", SERVICE)
        for number in (1, 2, 3):
            with suppress(subprocess.CalledProcessError):
                docker(site, "node", "update", "--label-rm", LABEL, site.lab.node(number).name)


@pytest.fixture
def php(site: Site, guarded: Guarded, tmp_path: Path) -> Iterator[str]:
    """Two replicas."""
    with served(site, tmp_path, "--replicas", "2") as name:
        yield name


@pytest.fixture
def everywhere(site: Site, guarded: Guarded, tmp_path: Path) -> Iterator[str]:
    """One replica on each node that has the label."""
    with served(site, tmp_path, "--mode", "global") as name:
        yield name


def tasks(site: Site) -> list[Task]:
    service = site.swarm.service(SERVICE)
    return [task for task in site.swarm.tasks(service.id) if task.running and task.wanted]


def test_the_articles_command_logs_in_pulls_and_deploys(site: Site, php: str, guarded: Guarded, configured):
    guarded.admit("AWS")
    tag_latest(site, "v2")
    with aws(site.lab, "fresh") as environment:
        run = site.rollout("deploy", "php", *QUICK, *configured, **environment)
    assert run.returncode == 0, said(run)
    assert {task.image.repository for task in tasks(site)} == {IMAGE}
    assert len({task.image.digest for task in tasks(site)}) == 1
    assert len(tasks(site)) == 2
    assert "auth-token" not in said(run)
    assert "geheim" not in said(run)


def test_an_expired_token_is_told_of_and_the_service_is_not_touched(
    site: Site, php: str, guarded: Guarded, configured
):
    tag_latest(site, "v2")
    before, running = site.swarm.service(SERVICE), {task.id for task in tasks(site)}
    guarded.admit("old")
    with aws(site.lab, "expired") as environment:
        run = site.rollout("deploy", "php", *QUICK, *configured, **environment)
    assert run.returncode == 5, said(run)
    assert f"{ECR} refuses to look up {IMAGE}:latest, your login expired " in said(run), said(run)
    assert "aws ecr get-login-password --region eu-west-1" in said(run)
    after = site.swarm.service(SERVICE)
    assert (after.version, after.spec) == (before.version, before.spec)
    assert {task.id for task in tasks(site)} == running


def test_refreshed_credentials_let_a_replica_start_on_a_node_that_never_had_the_image(
    site: Site, everywhere: str, guarded: Guarded, configured
):
    guarded.admit("AWS")  # the login that the service has is worth nothing any more
    before = {task.id for task in tasks(site)}
    images_gone(site, 3)
    docker(site, "node", "update", "--label-add", f"{LABEL}=1", site.lab.node(3).name)
    assert until(lambda: any("No such image" in task.error for task in every(site)), 30), every(site)
    with aws(site.lab, "fresh") as environment:
        run = site.rollout("credentials", "refresh", "php", *configured, **environment)
    assert run.returncode == 0, said(run)
    assert "auth-token" not in said(run)
    assert until(lambda: len(tasks(site)) == 3, 40), every(site)
    assert _node(site, 3) in {task.node_id for task in tasks(site)}
    assert before < {task.id for task in tasks(site)}


def every(site: Site) -> tuple[Task, ...]:
    return site.swarm.tasks(site.swarm.service(SERVICE).id)


def images_gone(site: Site, number: int) -> None:
    """Let a node never have had the image."""
    node = site.lab.node(number)
    listed = ["docker", "--host", node.host, "images", "-q", "--no-trunc", IMAGE]
    found = node.run(listed).stdout.split()
    for image in set(found):
        node.run(["docker", "--host", node.host, "rmi", "-f", image], check=False)


def _node(site: Site, number: int) -> str:
    name = site.lab.node(number).name
    return next(node.id for node in site.swarm.nodes() if node.hostname == name)


def until(condition, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.3)
    return True
