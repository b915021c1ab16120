"""Image configs, as an engine and as a registry have them."""

from __future__ import annotations

from typing import Any

import pytest

from rollout.errors import EngineReplyInvalid
from rollout.model import Healthcheck, ImageConfig
from rollout.swarm import parse_image

CONFIG = {
    "Healthcheck": {
        "Test": ["CMD", "ping-fpm"],
        "Interval": 10**10,
        "StartInterval": 2 * 10**8,
        "Retries": 3,
    },
    "StopSignal": "SIGQUIT",
    "ExposedPorts": {"9001/tcp": {}, "9000/tcp": {}},
    "Entrypoint": ["docker-php-entrypoint"],
    "Cmd": ["php-fpm", "-F"],
    "Labels": {"org.opencontainers.image.revision": "7fd1a60"},
    "Env": ["SECRET=1"],
}
FOUND = ImageConfig(
    healthcheck=Healthcheck(("CMD", "ping-fpm"), interval=10.0, start_interval=0.2, retries=3),
    stop_signal="SIGQUIT",
    exposed_ports=("9000/tcp", "9001/tcp"),
    entrypoint=("docker-php-entrypoint",),
    command=("php-fpm", "-F"),
    labels={"org.opencontainers.image.revision": "7fd1a60"},
    platforms=("linux/arm64/v8",),
)


def test_an_engine_and_a_registry_tell_the_same_of_an_image():
    inspected = {"Config": CONFIG, "Os": "linux", "Architecture": "arm64", "Variant": "v8"}
    kept = {"config": CONFIG, "os": "linux", "architecture": "arm64", "variant": "v8", "rootfs": {}}
    assert parse_image.inspected(inspected, "image") == FOUND
    assert parse_image.blob(kept, "image") == FOUND


@pytest.mark.parametrize("raw", [{}, {"Config": None}, {"Config": {}}, {"Config": dict.fromkeys(CONFIG)}])
def test_an_image_may_bring_nothing(raw: dict[str, Any]):
    assert parse_image.inspected(raw, "image") == ImageConfig()


@pytest.mark.parametrize(
    ("check", "checks"),
    [
        ({"Test": ["CMD-SHELL", "true"]}, True),
        ({"Test": ["NONE"]}, False),
        ({"Interval": 1}, False),
        (None, False),
    ],
)
def test_only_a_test_that_is_one_checks_anything(check: Any, checks: bool):
    assert parse_image.inspected({"Config": {"Healthcheck": check}}, "image").healthcheck.checks is checks


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Healthcheck", {"Test": "true"}),
        ("Healthcheck", {"Interval": "10s"}),
        ("StopSignal", 3),
        ("ExposedPorts", ["9000/tcp"]),
        ("Cmd", "php-fpm"),
        ("Labels", ["a=b"]),
    ],
)
def test_what_makes_no_sense_is_named_with_its_image(key: str, value: Any):
    with pytest.raises(EngineReplyInvalid, match=f"image reg/app.*{key if key != 'Healthcheck' else ''}"):
        parse_image.inspected({"Config": {key: value}}, "image reg/app")


@pytest.mark.parametrize("number", [10**400, 10**25, -(10**400), -1])
def test_times_that_nobody_waits_for_can_be_reckoned_with(number: int):
    check = {"Test": ["CMD", "x"], "Interval": number, "StartPeriod": number, "Retries": number}
    found = parse_image.blob({"config": {"Healthcheck": check}}, "image").healthcheck
    year = 365 * 24 * 3600.0 if number > 0 else 0.0
    assert (found.interval, found.start_period) == (year, year)
    assert 0 <= found.retries <= 1_000_000


def test_text_from_an_image_is_safe_to_show():
    raw = {"config": {"Labels": {"note": "\x1b[31mred\nline"}, "Cmd": ["php\x07-fpm"]}}
    found = parse_image.blob(raw, "image")
    assert (found.labels, found.command) == ({"note": "red line"}, ("php-fpm",))
