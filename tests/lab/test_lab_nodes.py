"""The lab's nodes behave as machines of a Swarm do: seen from the outside, on real engines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest
from docker.models.services import Service
from docker.types import EndpointSpec, ServiceMode

from rollout.lab import Lab, LabError, Node
from rollout.lab.images import import_busybox, pull

pytestmark = pytest.mark.lab

ECR = "637345297332.dkr.ecr.eu-west-1.amazonaws.com"
PORT = 18080
SECOND = 1_000_000_000
SERVE = "trap 'exit 0' TERM; hostname >/www/index.html; httpd -f -p 80 -h /www & wait"


def until(condition: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def nodes_ready(lab: Lab) -> int:
    return sum(node["Status"]["State"] == "ready" for node in lab.node(1).api.get("/nodes"))


def running(service: Service) -> list[dict[str, Any]]:
    tasks = service.tasks(filters={"desired-state": "running"})
    return [task for task in tasks if task["Status"]["State"] == "running"]


def page(node: Node) -> str:
    return node.run(["curl", "-s", "-m", "3", f"http://127.0.0.1:{PORT}/"], check=False).stdout.strip()


@pytest.fixture(scope="module")
def image(lab: Lab) -> str:
    return import_busybox(lab.node(1), lab, name="lab-nodes")


@pytest.fixture(scope="module")
def web(lab: Lab, image: str) -> Iterator[Service]:
    """A replica on each node: overlay network, dnsrr, a host-mode port, a health check."""
    client = docker.DockerClient(lab.node(1).host)
    network = client.networks.create("lab-nodes", driver="overlay")
    port = {"Protocol": "tcp", "PublishedPort": PORT, "TargetPort": 80, "PublishMode": "host"}
    check = {"Test": ["CMD", "wget", "-qO-", "http://127.0.0.1/"], "Interval": SECOND // 4, "Timeout": SECOND}
    service = client.services.create(
        image,
        name="lab-web",
        command=["sh", "-c", SERVE],
        mode=ServiceMode("global"),
        networks=[network.name],
        endpoint_spec=EndpointSpec(mode="dnsrr", ports=[port]),
        healthcheck=check,
    )
    until(lambda: len(running(service)) == len(lab.nodes))
    yield service
    service.remove()
    until(lambda: not any(local_container(node) for node in lab.nodes))
    network.remove()


def local_container(node: Node) -> Any:
    found = docker.DockerClient(node.host).containers.list(filters={"name": "lab-web"})
    return found[0] if found else None


def ask(node: Node, *command: str) -> str:
    return str(local_container(node).exec_run(list(command)).output.decode())


def test_every_node_is_ready_and_calls_itself_by_its_name(lab: Lab) -> None:
    assert nodes_ready(lab) == len(lab.nodes)
    assert [node.run(["hostname"]).stdout.strip() for node in lab.nodes] == [node.name for node in lab.nodes]
    assert [node.state for node in lab.nodes] == ["running"] * len(lab.nodes)


def test_engines_are_not_the_same_engine(lab: Lab) -> None:
    assert len({node.api.get("/info")["ID"] for node in lab.nodes}) == len(lab.nodes)


def test_an_image_is_pulled_by_the_name_of_a_registry_far_away(lab: Lab, image: str) -> None:
    pull(lab.node(2), image.replace(lab.registry, ECR))


def test_a_pull_from_a_hub_that_cannot_be_reached_fails_at_once(lab: Lab) -> None:
    began = time.monotonic()
    with pytest.raises(LabError, match="lookup"):
        pull(lab.node(2), "nobody/nothing:latest")
    assert time.monotonic() - began < 1


def test_the_registry_goes_and_comes_back_with_its_images(lab: Lab, image: str) -> None:
    lab.registry_stop()
    try:
        with pytest.raises(LabError, match="refused"):
            pull(lab.node(3), image)
    finally:
        lab.registry_start()
    pull(lab.node(3), image)


def test_a_host_port_answers_on_the_nodes_own_loopback(lab: Lab, web: Service) -> None:
    assert [page(node) for node in lab.nodes] == [local_container(node).id[:12] for node in lab.nodes]


def test_a_host_port_answers_across_nodes(lab: Lab, web: Service) -> None:
    url = f"http://{lab.node(3).name}:{PORT}/"
    assert lab.node(2).run(["curl", "-s", "-m", "3", url]).stdout.strip() == page(lab.node(3))


def test_a_health_check_runs_inside_the_container(lab: Lab, web: Service) -> None:
    assert local_container(lab.node(2)).attrs["State"]["Health"]["Status"] == "healthy"


def test_a_container_finds_all_replicas_by_name_and_reaches_them_on_other_nodes(
    lab: Lab, web: Service
) -> None:
    addresses = [task["NetworksAttachments"][0]["Addresses"][0].split("/")[0] for task in running(web)]
    found = ask(lab.node(2), "nslookup", "-type=a", "lab-web", "127.0.0.11")
    assert all(address in found for address in addresses)
    pages = {ask(lab.node(2), "timeout", "3", "wget", "-qO-", f"http://{it}/").strip() for it in addresses}
    assert pages == {page(node) for node in lab.nodes}


def test_a_container_is_told_at_once_that_a_name_does_not_exist(lab: Lab, web: Service) -> None:
    began = time.monotonic()
    assert "NXDOMAIN" in ask(lab.node(2), "nslookup", "-type=a", "example.org", "127.0.0.11")
    assert time.monotonic() - began < 2


@pytest.mark.long
def test_a_stopped_node_starts_again_with_its_replica(lab: Lab, web: Service) -> None:
    node = lab.node(3)
    node.stop()
    assert node.state == "stopped"
    with pytest.raises(LabError, match="not running"):
        node.stop()
    node.start()
    until(lambda: nodes_ready(lab) == len(lab.nodes) and page(node))


def test_a_power_cut_takes_everything_at_once_and_the_node_rejoins(lab: Lab, web: Service) -> None:
    node = lab.node(3)
    bystander = node.popen(["sleep", "1000"])
    node.kill()
    assert bystander.wait(5) != 0
    assert node.state == "off"
    until(lambda: nodes_ready(lab) == len(lab.nodes) - 1)
    node.start()
    until(lambda: nodes_ready(lab) == len(lab.nodes) and page(node))


def test_a_frozen_node_keeps_silent_and_goes_on(lab: Lab, web: Service) -> None:
    node = lab.node(3)
    node.freeze()
    assert (node.state, page(node)) == ("frozen", "")
    node.thaw()
    until(lambda: page(node))
    assert node.state == "running"


@pytest.mark.long
def test_a_frozen_node_can_lose_its_power(lab: Lab, web: Service) -> None:
    node = lab.node(3)
    node.freeze()
    node.kill()
    node.start()
    until(lambda: nodes_ready(lab) == len(lab.nodes) and page(node))


def test_a_cut_node_serves_itself_but_nobody_else(lab: Lab, web: Service) -> None:
    node = lab.node(3)
    node.cut()
    try:
        assert (node.state, bool(page(node))) == ("cut", True)
        url = f"http://{node.address}:{PORT}/"
        assert lab.node(2).run(["curl", "-s", "-m", "1", url], check=False).returncode != 0
    finally:
        node.heal()
    until(lambda: nodes_ready(lab) == len(lab.nodes))
