from __future__ import annotations

import pytest
from builders import NEW, OLD, service_of, spec_of

from rollout import lookup
from rollout.errors import ServiceNotFound, UsageError
from rollout.model import Image
from rollout.targeting import wanted_image


def named(name: str, stack: str | None):
    labels = {"com.docker.stack.namespace": stack} if stack else {}
    return service_of(spec_of(Name=name, Labels=labels), service_id=f"id-of-{name}")


SERVICES = (
    named("shop_php", "shop"),
    named("shop_nginx", "shop"),
    named("blog_nginx", "blog"),
    named("cron", None),
)


@pytest.mark.parametrize("typed", ["shop_php", "php", "id-of-shop_php"])
def test_a_service_goes_by_full_name_short_name_and_id(typed: str):
    assert lookup.find(SERVICES, typed).name == "shop_php"


def test_a_short_name_that_fits_twice_lists_the_candidates():
    with pytest.raises(ServiceNotFound, match="nginx may be any of blog_nginx, shop_nginx"):
        lookup.find(SERVICES, "nginx")


def test_a_misspelt_name_is_answered_with_the_nearest():
    with pytest.raises(ServiceNotFound) as raised:
        lookup.find(SERVICES, "phpp")
    assert "shop_php" in raised.value.hint


def test_an_empty_swarm_is_said_to_be_empty():
    with pytest.raises(ServiceNotFound, match="no services"):
        lookup.find((), "php")


def test_without_a_wish_the_present_tag_is_resolved_again():
    assert wanted_image(OLD, None, None) == Image(OLD.repository, "1")


def test_a_tag_keeps_the_repository():
    assert wanted_image(OLD, None, "3") == Image(OLD.repository, "3")


def test_an_image_replaces_everything():
    assert wanted_image(OLD, str(NEW), None) == NEW
    assert wanted_image(OLD, "other/app", "5") == Image("other/app", "5")


def test_an_image_that_has_only_a_digest_cannot_be_resolved_again():
    with pytest.raises(UsageError, match="no tag"):
        wanted_image(Image("app", None, "sha256:1"), None, None)
