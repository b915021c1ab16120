"""The page for users says what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from rollout import config
from rollout.config.file import parse
from rollout.config.keys import BY_OPTION, KEYS, OMISSIONS
from rollout.config.kinds import KINDS
from rollout.config.oneshots import HOOKS, SMOKE
from rollout.config.reference import renewed
from rollout.model import (
    ExecGate,
    HttpProbe,
    ManualGate,
    OneShot,
    Options,
    PrometheusGate,
    StableGate,
    TcpGate,
)

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_tables_on_the_page_are_those_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), f"renew it: python -m rollout.config.reference {PAGE}"
    assert all(f"`{name}`" in page for key in KEYS for name in (*key.flags, key.variable, key.label))
    assert all(f"`{omission.flag}`" in page for omission in OMISSIONS)


def test_a_page_whose_tables_are_out_of_date_is_noticed():
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page.replace("`--batch`", "`--lot`")) == page


def test_every_option_can_be_set():
    by_tables = {"gates", "smoke", "overrides", *HOOKS}
    assert set(BY_OPTION) | by_tables == {field.name for field in fields(Options)}


def test_every_field_of_a_gate_can_be_set():
    made = {HttpProbe, TcpGate, ExecGate, PrometheusGate, StableGate, ManualGate}
    in_code = {kind.__name__: {field.name for field in fields(kind)} for kind in made}
    in_files = {name: {one.target for one in kind.shape.fields} for name, kind in KINDS.items()}
    assert sorted(map(sorted, in_files.values())) == sorted(map(sorted, in_code.values()))
    assert {one.target for one in SMOKE.fields} == {field.name for field in fields(OneShot)}


@pytest.mark.parametrize(
    "text", re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
)
def test_the_example_file_on_the_page_is_accepted(text: str):
    file = parse(text, Path("rollout.toml"), "rollout.toml")
    assert file.names == ("php",)
    assert config.settings({}, {}, file, "php", {}, {}).options != Options()


def test_the_example_labels_on_the_page_are_accepted():
    labels = dict(re.findall(r"^ +(rollout\.\w+): (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    options = config.settings({}, {}, None, "php", labels, {}).options
    assert (options.min_ready, str(options.batch), len(options.probes)) == (30, "25%", 2)
