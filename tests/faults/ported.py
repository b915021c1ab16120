"""A service that publishes a port of its nodes: beside an old replica there is no place for a new one."""

from __future__ import annotations

from rollout.lab import Lab
from rollout.lab.images import import_busybox

NAME = "ported"
PORT = 18090
URL = f"http://127.0.0.1:{PORT}/"
_SECOND = 1_000_000_000
_SERVE = "mkdir -p /www && echo well >/www/index.html && exec httpd -f -p 80 -h /www"


def create(lab: Lab) -> None:
    """Start three replicas, one on each node; its updates are start-first, which cannot work here."""
    check = {"Test": ["CMD", "wget", "-qO-", "http://127.0.0.1/"], "Interval": _SECOND, "Retries": 3}
    container = {"Image": release(lab, "v1"), "Init": True, "Healthcheck": {**check, "Timeout": 2 * _SECOND}}
    update = {"Parallelism": 1, "Order": "start-first", "FailureAction": "rollback", "Monitor": 5 * _SECOND}
    port = {"Protocol": "tcp", "PublishedPort": PORT, "TargetPort": 80, "PublishMode": "host"}
    spec = {
        "Name": NAME,
        "Labels": {},
        "TaskTemplate": {"ContainerSpec": container},
        "Mode": {"Replicated": {"Replicas": len(lab.nodes)}},
        "UpdateConfig": update,
        "EndpointSpec": {"Mode": "dnsrr", "Ports": [port]},
    }
    lab.node(1).api.post("/services/create", spec)


def release(lab: Lab, tag: str) -> str:
    """Make a release of the service's image in the lab's registry."""
    command = f'CMD ["sh", "-c", "{_SERVE}"]'
    return import_busybox(lab.node(1), lab, f"{NAME}-{tag}", (command, f"ENV VERSION={tag}"))
