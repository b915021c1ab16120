"""Side services have names that Swarm takes, and are never mistaken for anybody else's service."""

from __future__ import annotations

import re

import pytest
from builders import service_of, spec_of
from hypothesis import given
from hypothesis import strategies as st

from rollout.errors import ServiceNotFound
from rollout.lookup import find
from rollout.oneshot import names

SWARMS_RULE = re.compile(r"[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*")
"""moby/swarmkit manager/controlapi/common.go, isValidDNSName."""
PURPOSES = [names.PREVIEW, names.SMOKE, names.BEFORE, names.AFTER, names.ON_ROLLBACK]

SITE = service_of(spec_of())
PREVIEW = service_of(
    spec_of(Name="rollout-preview-site_app-0123abcd", Labels=names.labels(names.PREVIEW, SITE)),
    service_id="p" * 25,
)


service_names = st.text("aZ09-_", max_size=61).map("s{}e".format)


@given(st.sampled_from(PURPOSES), service_names)
def test_whatever_the_service_is_called_swarm_takes_the_name(purpose: names.Purpose, service: str):
    name = names.new_name(purpose, service)
    assert SWARMS_RULE.fullmatch(name)
    assert len(name) <= 63
    assert name.startswith("rollout-")


def test_no_two_names_are_the_same():
    assert names.new_name(names.SMOKE, "site_php") != names.new_name(names.SMOKE, "site_php")


def test_a_name_says_what_it_is_for_and_of_which_service():
    assert names.new_name(names.PREVIEW, "site_php", "0123abcd") == "rollout-preview-site_php-0123abcd"


def test_a_side_service_belongs_to_its_service_only():
    assert names.belongs_to(PREVIEW, SITE.id)
    assert not names.belongs_to(PREVIEW, "q" * 25)


@pytest.mark.parametrize(
    "spec",
    [
        spec_of(Labels={"rollout.kind": "preview", "rollout.service": SITE.id}),
        spec_of(Name="rollout-preview-x", Labels={}),
        spec_of(Name="rollout-preview-x", Labels={"rollout.kind": "record", "rollout.service": SITE.id}),
        spec_of(Name="rollout-preview-x", Labels=None),
    ],
)
def test_a_service_of_somebody_elses_is_none_of_ours(spec):
    assert not names.belongs_to(service_of(spec), SITE.id)


@pytest.mark.parametrize("name", [PREVIEW.name, PREVIEW.id])
def test_nobody_can_deploy_a_side_service_by_name(name: str):
    with pytest.raises(ServiceNotFound) as caught:
        find([SITE, PREVIEW], name)
    assert "there are site_app" in caught.value.message
