from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from builders import spec_of
from rich.console import Console
from unit.render_scenes import NEW, OLD, agrees_with_golden, unstyled

from rollout.diary import Passage
from rollout.render.history import history_json, history_lines, history_table, outcome_of
from rollout.render.show import show_json, show_lines
from rollout.revisions import Revision


def env(*values: str) -> dict:
    return {"TaskTemplate": {"ContainerSpec": {"Image": str(OLD), "Env": list(values)}}}


def revision(number: int, **fields) -> Revision:
    known = {
        "old_image": OLD,
        "new_image": NEW,
        "baseline": spec_of(OLD),
        "target": spec_of(NEW),
        "outcome": "deployed",
        "started": datetime(2026, 3, 2, 9, number, tzinfo=UTC),
        "seconds": 38.2,
        "who": "ann@desk",
    }
    return Revision("site_php", number, **(known | fields))


REVISIONS = (
    revision(15, outcome="", holder="ci@runner", unfinished=True, seconds=None, who="ci@runner"),
    revision(14, outcome="held", unfinished=True),
    revision(13, outcome="", unfinished=True, seconds=None),
    revision(12, outcome="rolled back", seconds=4.5, new_image=OLD),
    revision(11, outcome="failed", seconds=3725.0),
    revision(10, outcome="", seconds=None, started=None),
    revision(9, who="\x1b[2J[red]eve"),
)
FULL = revision(
    12,
    outcome="rolled back",
    cause="http https://shop.example/: 3 of 33 requests failed, --token=abc",
    replaced=0,
    slots=4,
    steps=(1, 2, 3, 4),
    gates=("http https://shop.example/health", "stable 30s"),
    pipeline="https://ann:secret@ci.example/shop/481",
    commit="5f3a9c01",
    strategy="rolling",
    order="start-first",
    baseline=spec_of(OLD, **env("DB_PASSWORD=old-one"), Labels={"team": "red"}),
    target=spec_of(
        NEW, **env("DB_PASSWORD=new-one", "MODE=fast"), Labels={"team": "blue", "api_token": "t1"}
    ),
)


def test_in_a_pipe_the_columns_are_aligned():
    assert agrees_with_golden("history.txt", unstyled(history_lines(REVISIONS, services=False)))
    assert agrees_with_golden("history_all.txt", unstyled(history_lines(REVISIONS[3:5], services=True)))


def test_a_terminal_gets_a_table_in_which_images_are_whole_and_markup_is_literal():
    console = Console(file=io.StringIO(), force_terminal=True, width=110, no_color=True, _environ={})
    console.print(history_table(REVISIONS, services=False))
    shown = console.file.getvalue()
    assert "patch-php-fpm:2.7.0@5f3a9c01" in shown
    assert "[red]eve" in shown
    assert "\x1b[2J" not in shown


def test_what_is_unfinished_stands_out_from_what_ended():
    assert [outcome_of(one).text for one in REVISIONS[:4]] == [
        "under way by ci@runner",
        "held, unfinished",
        "interrupted, unfinished",
        "rolled back",
    ]


def test_the_json_says_the_same():
    fields = json.loads(json.dumps(history_json(REVISIONS)))
    found = [(one["revision"], one["outcome"], one["unfinished"]) for one in fields["revisions"]]
    assert found[:4] == [(15, None, True), (14, "held", True), (13, None, True), (12, "rolled_back", False)]


def test_a_deployment_is_shown_with_all_that_is_known():
    assert agrees_with_golden("show.txt", unstyled(show_lines(FULL)))


def test_the_times_of_the_steps_are_told_and_which_one_did_not_pass():
    stepped = revision(12, steps=(1, 4), passages=(Passage(1, 0.4, 3.2), Passage(4, 3.4)))
    shown = unstyled(show_lines(stepped))
    assert "1 on the target, begun at 0.4s, passed at 3.2s" in shown
    assert "4 on the target, begun at 3.4s, did not pass" in shown
    assert show_json(stepped)["step_times"] == [
        {"upto": 1, "began": 0.4, "ended": 3.2},
        {"upto": 4, "began": 3.4, "ended": None},
    ]


def test_secrets_are_hidden_in_every_form_until_asked_for():
    hidden = unstyled(show_lines(FULL)) + json.dumps(show_json(FULL))
    shown = unstyled(show_lines(FULL, secrets=True)) + json.dumps(show_json(FULL, secrets=True))
    for secret in ("old-one", "new-one", "t1\n"):
        assert secret not in hidden
        assert secret in shown
    assert "ann:secret" not in hidden
    assert "token=abc" not in hidden


def test_a_restart_is_shown_to_have_changed_no_more_than_its_counter():
    counted = spec_of(OLD)
    counted["TaskTemplate"]["ForceUpdate"] = 1
    lines = unstyled(show_lines(revision(3, new_image=OLD, target=counted)))
    assert "+ TaskTemplate.ForceUpdate: 1" in lines
    assert "- image" not in lines


def test_a_deployment_of_the_same_spec_is_shown_to_have_changed_nothing():
    assert "nothing in the spec was changed" in unstyled(
        show_lines(revision(3, new_image=OLD, target=spec_of(OLD)))
    )
