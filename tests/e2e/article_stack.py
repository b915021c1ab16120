"""The stack of `article/`, as its author would have deployed it, on a lab."""

from __future__ import annotations

import subprocess
from pathlib import Path

from rollout.lab import Lab, base_image, images, system
from rollout.lab.stack import build, lacking

ARTICLE = Path(__file__).with_name("article")
NAME = "article"


def deploy_article(lab: Lab) -> None:
    """Bring it up by the docker client, and wait until php runs."""
    node = lab.node(1)
    build(node, ARTICLE / "official", "official:fpm", {"BASE": base_image.ensure(node)})
    for folder, image in (("php", "article-php-fpm"), ("nginx", "article-nginx")):
        reference = f"{lab.registry}/{image}:latest"
        build(node, ARTICLE / folder, reference, {"BASE": "official:fpm"})
        images.push(node, reference)
    command = ["docker", "--host", node.host, "stack", "deploy", "--compose-file", "docker-compose.yml", NAME]
    variables = system.environment(lab.name, "", {"REGISTRY": lab.registry})
    subprocess.run(command, cwd=ARTICLE, env=variables, capture_output=True, text=True, check=True)
    running = system.wait_for(lambda: not any("php" in one for one in lacking(lab, NAME)), 60)
    assert running, lacking(lab, NAME)
