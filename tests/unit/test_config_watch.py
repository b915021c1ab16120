"""`[watch]` in rollout.toml: what it says, and what is wrong with it, with its line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from rollout.config import ConfigError
from rollout.config.file import parse
from rollout.config.watch import PROBE, WATCH
from rollout.model import OnAbandoned, Vigil, WatchProbe


def read(text: str) -> Vigil:
    return parse(text, Path("rollout.toml"), "rollout.toml").watch


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        read(text)
    return str(raised.value)


def test_nothing_said_means_the_defaults():
    assert read("") == Vigil()


def test_everything_can_be_said():
    found = read(
        """
        [watch]
        every = "2s"
        services = ["php", "nginx"]
        labels = "tier=web"
        replicas_for = "90s"
        restarts = 5
        on_abandoned = "resume"
        listen = ":9160"
        remind = "0"

        [[watch.probes]]
        name = "shop"
        url = "https://shop.example.org/health"
        headers = { Host = "shop" }
        failures = 2
        """
    )
    assert (found.every, found.services, found.labels) == (2.0, ("php", "nginx"), ("tier=web",))
    assert (found.replicas_for, found.restarts, found.remind) == (90.0, 5, 0.0)
    assert (found.on_abandoned, found.listen) == (OnAbandoned.RESUME, ":9160")
    (probe,) = found.probes
    assert (probe.called, probe.failures, probe.page.headers) == ("shop", 2, {"Host": "shop"})


def test_every_field_can_be_set():
    assert {one.target for one in WATCH.fields} | {"probes"} == {field.name for field in fields(Vigil)}
    assert {one.target for one in PROBE.fields} == {field.name for field in fields(WatchProbe)}


URL = 'url = "http://a/"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[watch]\nevery = "2h"', 'rollout.toml, line 2: every in [watch] is "2h", out of range'),
        ('[watch]\nevry = "2s"', "line 2: unknown key evry in [watch]: did you mean every?"),
        ('[watch]\nlisten = "9160"', "not an address to listen on"),
        ("[watch]\nrestarts = 0", "not a count from 1 to 1000"),
        ('[watch]\non_abandoned = "resum"', 'did you mean "resume"?'),
        ('[watch]\nurls = ["slack://a"]\nurls_file = "/x"', "has both urls and urls_file"),
        ("[watch]\nprobes = 3", "write [[watch.probes]]"),
        ('[[watch.probes]]\nname = "a"', "probe 1 of [watch] has no url"),
        (f'[[watch.probes]]\n{URL}\ntimeout = "11s"', "has a timeout above 10s"),
        (f'[[watch.probes]]\n{URL}\nevery = "10ms"', "has an every below 1s"),
        (f'[[watch.probes]]\n{URL}\nmethod = "HEAD"\nexpect_body = "x"', "an answer to HEAD has none"),
        (f"[[watch.probes]]\n{URL}\n[[watch.probes]]\n{URL}", "two probes of [watch] are called alike"),
        ('[[watch.probes]]\nurl = "http://a/?sig=x"', "give it a name to be called by"),
        ('[[watch.probes]]\nurl = "ftp://a/"', "not a URL that begins with http:// or https://"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str):
    assert said in complaint(text)


def test_no_address_is_repeated():
    assert "hunter2" not in complaint('[watch]\nurls = [3, "slack://hunter2"]')
