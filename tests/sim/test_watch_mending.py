"""What the watcher does by itself about an abandoned deployment, wired as the command wires it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from sim.watching import Inbox, Post

from rollout.cli import mending
from rollout.config import ConfigFile
from rollout.errors import Locked
from rollout.model import Notify, OnAbandoned, Vigil
from rollout.ports import Notifier, Sink, World
from rollout.sim import world_of


@dataclass
class Wanted:
    """What the command knows."""

    vigil: Vigil
    channels: tuple[Notifier, ...]
    notify: Notify = field(default_factory=Notify)
    file: ConfigFile | None = None
    host: str | None = None


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    made = Post(Vigil(every=1.0))
    made.serve("web", replicas=4)

    def open_world(_host: str | None, sink: Sink) -> World:
        return world_of(made.swarm, sink)

    monkeypatch.setattr(mending, "open_world", open_world)
    return made


def mended(post: Post, how: OnAbandoned, inbox: Inbox) -> str:
    wanted = Wanted(replace(post.vigil, on_abandoned=how), (inbox,))
    return mending.mend(post.swarm.service("web").id, wanted)  # type: ignore[arg-type]


def images(post: Post) -> set[str | None]:
    tasks = post.swarm.tasks(post.swarm.service("web").id)
    return {task.image.tag for task in tasks if task.running}


@pytest.mark.parametrize(
    ("how", "event", "image"), [(OnAbandoned.ABORT, "aborted", "1"), (OnAbandoned.RESUME, "deployed", "2")]
)
def test_it_ends_as_was_asked_and_those_who_are_told_of_deployments_hear_of_it(
    post: Post, how: OnAbandoned, event: str, image: str
):
    inbox = Inbox()
    post.abandon("web", "app:2", after=12.0)
    assert images(post) == {"1", "2"}
    post.swarm.clock.sleep(60.0)
    said = mended(post, how, inbox)
    assert images(post) == {image}
    assert "web" in said
    assert [message.event for message in inbox.messages] == [event]


def test_nothing_is_touched_where_somebody_is_at_work_again(post: Post):
    inbox = Inbox()
    post.abandon("web", "app:2", after=12.0)
    version = post.swarm.service("web").version
    with pytest.raises(Locked):
        mended(post, OnAbandoned.RESUME, inbox)
    assert post.swarm.service("web").version == version
