"""Why an alert is over where nothing has got well: what it was about is gone, or is wanted no more. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from rollout.model import Ailment, Concern, Condition, News, NewsKind
from rollout.vigil.naming import name_of
from rollout.vigil.survey import Survey


def explained(news: Iterable[News], survey: Survey) -> tuple[News, ...]:
    """The same, with the reasons of those that are over."""
    return tuple(
        replace(one, reason=_reason(one.alert.lead, survey)) if one.kind == NewsKind.OVER else one
        for one in news
    )


def _reason(lead: Condition, survey: Survey) -> str:
    why = _WHY.get(lead.concern)
    return why(lead, survey) if why and lead.ailment != Ailment.GONE else ""


def _of_service(lead: Condition, survey: Survey) -> str:
    found = next((one for one in survey.standings if one.id == lead.subject), None)
    if found is None:
        return "it is watched no more" if lead.subject in survey.unwatched else "it was removed"
    return "" if found.wanted or lead.concern != Concern.SERVICE else "no replica is wanted any more"


def _of_node(lead: Condition, survey: Survey) -> str:
    node = survey.nodes.get(lead.subject)
    if node is None:
        return "it was removed"
    if not node.gone:
        return ""
    return "it has joined again under another ID" if node.active else "it was drained, and is still down"


def _of_probe(lead: Condition, survey: Survey) -> str:
    asked = {name_of(probe) for probe, _ in survey.probes}
    return "" if lead.subject in asked else "it is watched no more"


def _of_login(lead: Condition, survey: Survey) -> str:
    return "" if lead.subject in {one.registry for one in survey.logins} else "no service needs it any more"


_WHY: Mapping[Concern, Callable[[Condition, Survey], str]] = MappingProxyType(
    {
        Concern.SERVICE: _of_service,
        Concern.UPDATE: _of_service,
        Concern.DEPLOYMENT: _of_service,
        Concern.NODE: _of_node,
        Concern.PROBE: _of_probe,
        Concern.LOGIN: _of_login,
    }
)
