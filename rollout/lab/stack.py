"""The example stack on a lab: HAProxy, nginx, php-fpm, Redis; and good and bad releases of php."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

from rollout.lab import base_image, images, system
from rollout.lab.api import EngineApi
from rollout.lab.errors import LabError
from rollout.lab.lab import Lab
from rollout.lab.node import Node

URL = "http://127.0.0.1:8080/"
"""Where the site answers, to programs in node 1's network."""
IMAGES = {
    "php": "patch-php-fpm",
    "nginx": "patch-nginx",
    "haproxy": "patch-haproxy",
    "redis": "patch-redis",
}
GOOD = "good"
FAULTS: Mapping[str, Mapping[str, str]] = {
    "error500": {"FAULT": "error500"},
    "flaky": {"FAULT": "flaky"},
    "slow": {"FAULT": "slow"},
    "slower": {"FAULT": "slow", "SLOW_MS": "300"},
    "crash": {"FAULT": "crash"},
    "crash-at-once": {"FAULT": "crash", "FAULT_AFTER": "0"},
    "crash-late": {"FAULT": "crash", "FAULT_AFTER": "10"},
    "oom": {"FAULT": "oom", "FAULT_AFTER": "3"},
    "never-healthy": {"FAULT": "never-healthy"},
    "turns-unhealthy": {"FAULT": "turns-unhealthy", "FAULT_AFTER": "5"},
    "deaf": {"FAULT": "deaf", "FAULT_AFTER": "3"},
    "abrupt-stop": {"FAULT": "abrupt-stop"},
}
"""Bad releases by name, as build arguments of the example's faults/Dockerfile."""
_EDGE = "edge"
_READY_SECONDS = 120.0
_PAGE = "import sys, urllib.request as web; web.urlopen(sys.argv[1], timeout=2).read()"


def deploy_stack(lab: Lab, *, name: str = "site", tag: str = "v1", registry: str = "") -> None:
    """Bring the example stack up and wait for its page; on a lab that has it, bring it back to `tag`.

    `registry` is a name that the nodes take for the lab's registry, such as ECR's (default: its address).
    """
    registry = registry or lab.registry
    build_php(lab, tag, registry=registry)
    others = [service for service in IMAGES if service != "php"]
    with ThreadPoolExecutor(max_workers=len(others)) as pool:
        list(pool.map(lambda service: _publish(lab, service, f"{registry}/{IMAGES[service]}:{tag}"), others))
    _label_edge(lab.node(1))
    _stack_deploy(lab, name, {"REGISTRY": registry, "TAG": tag})
    wait_ready(lab, name)


def build_php(lab: Lab, tag: str, behaviour: str = GOOD, *, registry: str = "") -> str:
    """Build a release of the php image on node 1, push it, and give its name; its pages say `tag`."""
    if behaviour != GOOD and behaviour not in FAULTS:
        raise LabError(f"there is no release '{behaviour}'", f"choose: {', '.join([GOOD, *FAULTS])}")
    reference = f"{registry or lab.registry}/{IMAGES['php']}:{tag}"
    node = lab.node(1)
    build(node, example() / "php", reference, {"BASE": base_image.ensure(node), "VERSION": tag})
    if behaviour != GOOD:
        build(node, example() / "faults", reference, {"GOOD": reference, **FAULTS[behaviour]})
    images.push(node, reference)
    return reference


def build(node: Node, folder: Path, reference: str, arguments: Mapping[str, str]) -> None:
    """Build a folder's Dockerfile on a node, with the engine's own builder."""
    query = {"t": reference, "buildargs": json.dumps(dict(arguments)), "rm": "1", "forcerm": "1"}
    headers = {"Content-Type": "application/x-tar"}
    _check_build(reference, node.api.call("POST", f"/build?{urlencode(query)}", _pack(folder), headers))


def wait_ready(lab: Lab, name: str = "site", seconds: float = _READY_SECONDS) -> None:
    """Wait until every service has all its replicas and the page answers through all of them."""
    if not system.wait_for(lambda: not lacking(lab, name), seconds):
        raise LabError(
            f"stack '{name}' is not up after {seconds:g} s; running: {', '.join(lacking(lab, name))}",
            f"see why: docker --host {lab.node(1).host} stack ps --no-trunc {name}",
        )
    if not system.wait_for(lambda: _page_answers(lab.node(1)), seconds):
        raise LabError(f"stack '{name}' runs, but {URL} does not answer on {lab.node(1).name}")


def lacking(lab: Lab, name: str) -> list[str]:
    """Name the services whose replicas are not all there, as `site_php 3 of 4`; old ones do not count."""
    api = lab.node(1).api
    filters = json.dumps({"label": [f"com.docker.stack.namespace={name}"]})
    services = api.get(f"/services?{urlencode({'filters': filters})}")
    counts = [(service["Spec"], _running(api, service["ID"])) for service in services]
    wanted = [(spec["Name"], running, spec["Mode"]["Replicated"]["Replicas"]) for spec, running in counts]
    return [f"{name} {running} of {replicas}" for name, running, replicas in wanted if running != replicas]


def example() -> Path:
    """Find the example: in the installed package, or next to it in the repository."""
    here = Path(__file__).resolve()
    for folder in (here.with_name("php-stack"), here.parents[2] / "examples" / "php-stack"):
        if folder.is_dir():
            return folder
    raise LabError("the example stack is not part of this installation", "run from a clone of the repository")


def _publish(lab: Lab, service: str, reference: str) -> None:
    node = lab.node(1)
    build(node, example() / service, reference, {"BASE": base_image.ensure(node)})
    images.push(node, reference)


def _pack(folder: Path) -> bytes:
    """Pack a build context with root as the owner, so that an image does not depend on who built it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(folder, arcname=".", filter=_owned_by_root)
    return buffer.getvalue()


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def _check_build(reference: str, answer: bytes) -> None:
    """Look for an error in the builder's messages: the status was sent before it happened."""
    messages = [json.loads(line) for line in answer.splitlines() if line.strip()]
    error = next((message["error"] for message in messages if "error" in message), None)
    if error:
        output = "".join(message.get("stream", "") for message in messages)
        raise LabError(f"{reference} cannot be built: {error}\n{output[-1000:]}")


def _label_edge(node: Node) -> None:
    """Mark the node on which HAProxy publishes its port and Redis keeps its volume."""
    own = node.api.get("/info")["Swarm"]["NodeID"]
    seen = node.api.get(f"/nodes/{own}")
    seen["Spec"].setdefault("Labels", {})[_EDGE] = "yes"
    node.api.post(f"/nodes/{own}/update?version={seen['Version']['Index']}", seen["Spec"])


def _stack_deploy(lab: Lab, name: str, variables: Mapping[str, str]) -> None:
    """Leave reading the compose file to the docker client, as a user does."""
    if system.find("docker") is None:
        raise LabError(
            "the example stack needs the docker client",
            "apt-get install docker.io, or docker-cli from Debian 13",
        )
    argv = [
        "docker",
        "--host",
        lab.node(1).host,
        "stack",
        "deploy",
        "--compose-file",
        "docker-compose.yml",
        name,
    ]
    done = subprocess.run(
        argv,
        cwd=example(),
        env=system.environment(lab.name, "", variables),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LabError(f"the stack cannot be deployed: {done.stderr.strip()}")


def _running(api: EngineApi, service: str) -> int:
    """Count the replicas that run as their service is now specified."""
    filters = {"service": [service], "desired-state": ["running"], "_up-to-date": ["true"]}
    tasks = api.get(f"/tasks?{urlencode({'filters': json.dumps(filters)})}")
    return sum(task["Status"]["State"] == "running" for task in tasks)


def _page_answers(node: Node) -> bool:
    return node.run([sys.executable, "-c", _PAGE, URL], check=False).returncode == 0
