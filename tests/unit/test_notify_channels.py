"""Which channels are opened, and that no message about them repeats an address."""

from __future__ import annotations

import sys
from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.config import ConfigError
from rollout.config.file import parse
from rollout.errors import NotAccepted, NotDelivered, RolloutError, UsageError
from rollout.model import Level, Message, Notify, Occasion
from rollout.notify.channels import open_channels
from rollout.notify.services import ThroughApprise, open_service, secrets_in, without
from rollout.notify.webhook import Webhook

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
TEAMS = "Power Automate / Workflows (for MSTeams)"
WORKFLOW = "643e69f83c89/triggers/manual/paths/invoke?api-version=1&sv=1.0&sig=KODuebWbDGYFr0z0eu"
HANDED_OUT = [
    ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "Slack"),
    ("https://discord.com/api/webhooks/000000000000000000/" + "a" * 68, "Discord"),
    ("https://chat.googleapis.com/v1/spaces/AAAAk6lGXyM/messages?key=abcdefg&token=ijklm", "Google Chat"),
    (f"https://prod-01.westus.logic.azure.com:443/workflows/{WORKFLOW}", TEAMS),
    (
        f"https://default64.0a.environment.api.powerplatform.com:443"
        f"/powerautomate/automations/direct/workflows/{WORKFLOW}",
        TEAMS,
    ),
]
MESSAGE = Message("test", Level.INFO, "title", "now", (("who", "ann"),))


def names(notify: Notify, **environ: str) -> list[str]:
    return [channel.name for channel in open_channels(notify, environ)]


def refusal(notify: Notify, **environ: str) -> RolloutError:
    with pytest.raises(UsageError) as refused:
        open_channels(notify, environ)
    return refused.value


def test_nobody_is_told_unless_somebody_asks_for_it():
    assert names(Notify()) == []
    assert names(Notify(), ROLLOUT_NOTIFY=" ") == []


def test_channels_are_called_by_what_is_no_secret():
    urls = (SLACK, "https://token@hooks.example.org/secret?key=x", "http://127.0.0.1:8080/", SLACK)
    assert names(Notify(urls)) == ["Slack", "webhook hooks.example.org", "webhook 127.0.0.1:8080", "Slack 2"]


def test_the_variable_takes_the_place_of_the_file():
    both = f"https://a.example/x, {SLACK} https://b.example/"
    assert names(Notify(("https://file.example/",)), ROLLOUT_NOTIFY=both) == [
        "webhook a.example",
        "Slack",
        "webhook b.example",
    ]


def test_commas_inside_of_an_address_belong_to_it():
    assert names(Notify(), ROLLOUT_NOTIFY="mailto://u:p@example.org?to=a@b.c,d@e.f") == ["E-Mail"]


@pytest.mark.parametrize(("url", "service"), HANDED_OUT)
def test_addresses_as_the_services_hand_them_out_are_understood(url: str, service: str):
    assert names(Notify((url,))) == [service]


def test_a_file_may_name_a_secret_without_holding_it():
    notify = Notify(("slack://${SLACK_TOKEN}/#ops",))
    assert names(notify, SLACK_TOKEN="T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ") == ["Slack"]
    assert "needs the environment variable SLACK_TOKEN" in refusal(notify).message


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("slakc://hunter2hunter2/x", "slakc://, but apprise knows no such service"),
        ("slack://hunter2hunter2", "slack://, but apprise knows no such service, or it lacks a part"),
        ("hunter2hunter2", "is no address"),
        ("https://:443/hunter2hunter2", "is no URL with a host"),
        ("https://h:99999/hunter2hunter2", "is no URL with a host"),
    ],
)
def test_a_bad_address_is_refused_without_being_repeated(url: str, said: str):
    error = refusal(Notify((SLACK, url)))
    assert isinstance(error, ConfigError)
    assert error.message.startswith("address 2 in [notify] urls ")
    assert said in error.message
    assert "hunter2" not in error.message + error.hint


def test_without_the_extra_its_name_is_told_and_webhooks_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert names(Notify(("https://hooks.example.org/",))) == ["webhook hooks.example.org"]
    error = refusal(Notify((SLACK,)))
    assert "the extra `notify`" in error.message
    assert "swarm-rollout[notify]" in error.hint


def test_the_secret_comes_from_a_variable_or_a_file(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("correct horse battery staple\n")
    hook = ("https://hooks.example.org/",)
    for notify, environ in (
        (Notify(hook, secret_file=str(secret)), {}),
        (Notify(hook, secret_env="HOOK"), {"HOOK": "correct horse battery staple"}),
        (Notify(hook), {"ROLLOUT_NOTIFY_SECRET": "correct horse battery staple"}),
    ):
        (named,) = open_channels(notify, environ)
        assert named.channel == Webhook(hook[0], b"correct horse battery staple")


def test_a_secret_that_is_not_there_is_refused(tmp_path: Path):
    assert "HOOK, which is not set" in refusal(Notify(secret_env="HOOK")).message
    missing = refusal(Notify(secret_file=str(tmp_path / "none"))).message
    assert "cannot be read: no such file" in missing


def notify_of(text: str) -> Notify:
    return parse(text, Path("rollout.toml"), "rollout.toml").notify


def test_the_table_is_read():
    notify = notify_of(
        '[notify]\nurls = ["https://a.example/"]\non = ["failed", "started"]\ntimeout = "10s"\n'
    )
    assert notify == Notify(("https://a.example/",), (Occasion.FAILED, Occasion.STARTED), 10.0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'on = ["rolledback"]',
            "not one of started, deployed, unchanged, rolled_back, aborted, held, refused, failed",
        ),
        ('on = "failed"', 'not an array such as ["rolled_back", "failed"]'),
        ("urls = [1]", "not an array of addresses"),
        ('timeout = "1m"', "a timeout above 30s"),
        ('secret_env = "hunter2 hunter2"', "something else than the name of an environment variable"),
        ('secret_env = "A"\nsecret_file = "b"', "both secret_env and secret_file"),
        ('url = "https://hunter2.example"', "unknown key url in [notify]: did you mean urls?"),
    ],
)
def test_mistakes_in_the_table_are_told_without_secrets(line: str, said: str):
    with pytest.raises(ConfigError) as refused:
        notify_of(f"[notify]\n{line}\n")
    assert said in refused.value.message
    assert "hunter2" not in refused.value.message


SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=8, max_size=40)


@settings(max_examples=150, deadline=None)
@given(secrets=st.tuples(SECRETS, SECRETS, SECRETS), broken=st.booleans())
def test_no_secret_of_an_address_is_ever_shown(secrets: tuple[str, str, str], broken: bool):
    user, path, value = (f"Zq{secret}" for secret in secrets)
    host = "127.0.0.1:0" if broken else "127.0.0.1:1"
    urls = (
        f"https://{user}:{value}@{host}/{path}?key={value}#{user}",
        f"mailto://{user}:{value}@127.0.0.1:1?to={path}@example.org",
        f"nonsense://{user}/{path}",
        f"{user}{path}",
    )
    notify = Notify(urls, secret_env=f"ZQ{value.upper().replace('-', '_')}")
    seen = [repr(notify)]
    for url in urls:
        try:
            (channel,) = open_channels(Notify((url,)), {"ROLLOUT_NOTIFY_SECRET": value * 4})
        except UsageError as error:
            seen += [error.message, error.hint, *format_exception(error)]
            continue
        seen += [channel.name, repr(channel)]
        try:
            channel.send(MESSAGE, 0.5)
        except (NotDelivered, NotAccepted) as error:
            seen += [error.message, error.hint, *format_exception(error)]
    assert not [said for said in seen for secret in (user, path, value) if secret in said]


class Blabbing:
    """A service that repeats its address in what it complains of."""

    service_name = "Blab"
    url = "blab://hunter2hunter2:pa%24%24word@chat.example/room?key=topsecret"

    def notify(self, **_: object) -> bool:
        import logging

        logging.getLogger("apprise").warning("cannot reach %s with pa$$word", self.url)
        return False


def test_what_apprise_says_of_an_address_is_not_repeated():
    with pytest.raises(NotDelivered) as failed:
        ThroughApprise(Blabbing(), Blabbing.url).send(MESSAGE, 1)
    assert failed.value.message.startswith("cannot reach")
    assert not any(part in failed.value.message for part in ("hunter2", "$$", "%24", "topsecret", "room"))


def test_the_parts_of_an_address_are_taken_out_also_when_decoded():
    secrets = secrets_in("x://user:p%40ssword@host/token?a=longvalue")
    assert without("p@ssword p%40ssword token longvalue user", secrets) == "… … … … …"


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("pagerduty://" + "a" * 32 + "@" + "b" * 20 + "?action=map", "service web"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "over: web"),
    ],
)
def test_a_pager_has_the_same_title_for_a_beginning_and_its_end(
    url: str, title: str, monkeypatch: pytest.MonkeyPatch
):
    service = open_service(url)
    assert service is not None
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(service._service, "notify", lambda **said: sent.append(said) or True)
    service.send(Message("alert_over", Level.SUCCESS, "over: web", "now", topic="service web"), 5.0)
    assert sent[0]["title"] == title
    assert "over: web" in f"{sent[0]['title']}\n{sent[0]['body']}"
