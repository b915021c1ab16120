"""Three managers: the leader is stopped in the middle of a deployment, which goes on at another one."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from e2e.conftest import Site
from e2e.test_php_site import said
from e2e.test_state import deploying, step_begins

from rollout.lab import Lab, LabSpec
from rollout.lab.stack import deploy_stack
from rollout.lab.system import wait_for

pytestmark = [pytest.mark.lab, pytest.mark.long]


@pytest.fixture(scope="module")
def three() -> Iterator[Site]:
    """A site on a lab of its own, whose users come in at a node that does not lead."""
    lab = Lab.up(LabSpec(name=f"three-{os.getpid()}", nodes=3, managers=3))
    try:
        lab.node(1).stop()
        lab.node(1).start()
        assert wait_for(lambda: leader(lab) not in (0, 1), 60)
        site = Site(lab)
        deploy_stack(lab, tag="v1")
        site.images["v1"] = f"{lab.registry}/patch-php-fpm:v1"
        yield site
    finally:
        lab.down()


def leader(lab: Lab) -> int:
    """The number of the node that leads; 0 if nobody says so."""
    node = lab.node(1)
    command = ["docker", "--host", node.host, "node", "ls", "--format", "{{.Hostname}} {{.ManagerStatus}}"]
    told = node.run(command, check=False).stdout.splitlines()
    names = [line.split()[0] for line in told if line.endswith("Leader")]
    return next((one.index for one in lab.nodes if one.name in names), 0)


def test_the_leader_is_stopped_and_the_same_process_ends_the_deployment(three: Site):
    image = three.image("v2")
    led = leader(three.lab)
    hosts = [part for number in (led, 1) for part in ("--host", three.lab.node(number).host)]
    with three.users() as users:
        time.sleep(1)
        run = deploying(three, image, *hosts)
        step_begins(run, 2)
        time.sleep(0.5)
        three.lab.node(led).stop()
        out, err = run.communicate(timeout=300)
        time.sleep(2)
    assert run.returncode in (0, 3), f"{out[-3000:]}\n{err}"
    assert set(three.tags_running()) == {"v2" if run.returncode == 0 else "v1"}
    assert users.summary.failed == 0, users.summary.failures
    three.lab.node(led).start()
    told = three.rollout("status", "php")
    assert told.returncode == 0, said(told)
