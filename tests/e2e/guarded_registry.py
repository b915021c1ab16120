"""ECR by its own name on the lab: a registry that wants a login, and moto, which gives it as AWS would."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rollout.lab import Lab, network
from rollout.lab.spec import data_dir, switch_address, switch_netns

ACCOUNT = "637345297332"
ECR = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{ECR}/patch-php-fpm"
OLD = ("old", "old-token")
AWS_PORT = 5999
_PORT = 5001
_USERS = {  # moto gives ACCOUNT-auth-token to AWS
    "AWS": "$2b$04$TLMLBAm3QXtPzpWuiG1oQuw33m.6.nQZxgsK8jCGnqTg0QOMPQ/6K",
    "old": "$2b$04$ZzJSY5l4D.l5ti8y6FS6ceyinJ.HQcExtlFNXbiMKu0Fdof3ZOs6C",
}
_MOTO = """
import sys
from datetime import datetime, timedelta
from moto.ecr import responses
if sys.argv[1] == "fresh":
    responses.datetime = lambda *_, tzinfo: datetime.now(tzinfo) + timedelta(hours=12)
from moto.server import main
main(["-H", "127.0.0.1", "-p", sys.argv[2]])
"""


class Guarded:
    """The lab's images behind a login, under ECR's name, as the nodes reach it."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self._users = folder / "htpasswd"
        self._config = folder / "registry.json"
        self.admit("AWS", "old")
        self._config.write_text(json.dumps(self._settings()))

    def admit(self, *users: str) -> None:
        """Let these in from now on, and nobody else."""
        self._users.write_text("".join(f"{name}:{_USERS[name]}\n" for name in users))

    @property
    def _space(self) -> str:
        return f"--net={network.NETNS / switch_netns(self.lab.name)}"

    def _settings(self) -> dict:
        return {
            "version": 0.1,
            "log": {"level": "warn", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(data_dir(self.lab.name) / "registry")}},
            "http": {"addr": f":{_PORT}"},
            "auth": {"htpasswd": {"realm": "ecr", "path": str(self._users)}},
        }

    @contextmanager
    def open(self) -> Iterator[Guarded]:
        """Serve for the time of a block; before and after, the name leads to the open registry."""
        command = ["nsenter", self._space, "docker-registry", "serve", str(self._config)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._redirect("-I")
        try:
            yield self
        finally:
            self._redirect("-D")
            server.terminate()
            server.wait(timeout=10)

    def _redirect(self, act: str) -> None:
        address = switch_address(self.lab.state.subnet)
        match = ["-d", address, "-p", "tcp", "--dport", "80"]
        rule = [act, "PREROUTING", *match, "-j", "REDIRECT", "--to-ports", str(_PORT)]
        subprocess.run(["nsenter", self._space, "iptables", "-w", "-t", "nat", *rule], check=True)


@contextmanager
def aws(lab: Lab, tokens: str) -> Iterator[dict[str, str]]:
    """An AWS on node 1 whose tokens are ``fresh`` or ``expired``; what a caller has in the environment."""
    node = lab.node(1)
    environment = {"MOTO_ACCOUNT_ID": ACCOUNT, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", _MOTO, tokens, str(AWS_PORT)]
    server = node.popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(lab)
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{AWS_PORT}",
            "AWS_ACCESS_KEY_ID": "AKIATEST",
            "AWS_SECRET_ACCESS_KEY": "geheim-geheim",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)


def _wait_until_it_listens(lab: Lab) -> None:
    probe = f"import socket; socket.create_connection(('127.0.0.1', {AWS_PORT}), 1)"
    limit = time.monotonic() + 20
    while lab.node(1).run([sys.executable, "-c", probe], check=False).returncode:
        assert time.monotonic() < limit, "moto does not listen"
        time.sleep(0.2)
