"""A day of hundreds of services: memory stays flat, and the engine is asked no more for more of them."""

from __future__ import annotations

import pytest
from sim.watching import Post
from soak.day import Calls, Day, blocks

from rollout.model import Vigil

SERVICES = 500


def test_a_day_of_five_hundred_services():
    """At a look a minute; `make soak` takes the usual pace.

    What grows a little is the simulation: it keeps the tasks that have died.
    """
    day = Day(SERVICES, every=60.0)
    held = []
    for number in range(24):
        day.hour(number)
        held.append(blocks())
    assert day.post.now >= 24 * 3600.0
    assert held[23] < held[1] * 1.05
    assert held[23] < held[11] * 1.02
    assert day.calls.most <= 30
    began = [message.title for message in day.inbox.messages if message.event == "alert"]
    over = [message for message in day.inbox.messages if message.event == "alert_over"]
    assert len(began) == 25
    assert began.count("the node node-4 is down") == 1
    assert len(over) == len(began)


@pytest.mark.parametrize("services", [1, 40])
def test_a_look_takes_as_many_questions_whatever_the_number_of_services(services: int):
    post = Post(Vigil(every=5.0))
    for number in range(services):
        post.serve(f"web{number}", replicas=1)
    post.watch(600.0)
    calls = Calls(post)
    post.watch(600.0)
    assert calls.usual <= 12 * 8 + 4 * 3
