"""Webhooks are signed so that a receiver can check them, by hand or with a library."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Check
from standardwebhooks.webhooks import WebhookVerificationError

from rollout.errors import UsageError
from rollout.notify.signature import identity, key_of, signed

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"event": "deployed"}'
PAGE = Path(__file__).parents[2] / "docs" / "notifications.md"


def now() -> int:
    return int(time.time())


def test_a_receiver_with_the_librarys_check_takes_it():
    assert Check(SECRET).verify(BODY, signed(BODY, key_of(SECRET), now())) == {"event": "deployed"}


@pytest.mark.parametrize(
    ("secret", "body", "seconds_ago"),
    [
        (SECRET, b'{"event": "failed"}', 0),
        ("whsec_" + "A" * 32, BODY, 0),
        (SECRET, BODY, 3600),
    ],
    ids=["another body", "another secret", "long ago"],
)
def test_a_receiver_refuses_what_was_changed_or_kept(secret: str, body: bytes, seconds_ago: int):
    fields = signed(BODY, key_of(SECRET), now() - seconds_ago)
    with pytest.raises(WebhookVerificationError):
        Check(secret).verify(body, fields)


def test_a_repetition_can_be_told_from_another_message():
    assert identity(BODY) == identity(bytes(BODY)) != identity(b"{}")


def test_nothing_is_signed_without_a_secret():
    assert "webhook-signature" not in signed(BODY, None, now())


def test_a_secret_may_be_any_long_text():
    assert key_of("correct horse battery staple") == b"correct horse battery staple"


@pytest.mark.parametrize(
    "secret", ["hunter2", "whsec_c2hvcnQ=", "whsec_not base64 at all, but it is rather long"]
)
def test_a_secret_that_protects_nothing_is_refused_without_being_repeated(secret: str):
    with pytest.raises(UsageError) as refused:
        key_of(secret)
    assert secret not in refused.value.message + refused.value.hint
    assert "openssl rand" in refused.value.hint


def test_the_check_on_the_page_for_users_takes_what_is_genuine_and_nothing_else():
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    page: dict[str, Any] = {}
    exec(source, page)
    is_genuine = page["is_genuine"]
    fields = signed(BODY, key_of(SECRET), now())
    assert is_genuine(BODY, fields, SECRET)
    assert not is_genuine(b"{}", fields, SECRET)
    assert not is_genuine(BODY, signed(BODY, key_of(SECRET), now() - 3600), SECRET)
    assert not is_genuine(BODY, fields, "whsec_" + "A" * 32)
    unsigned = [{}, {"webhook-timestamp": str(now())}, {**fields, "webhook-timestamp": "soon"}]
    assert not any(is_genuine(BODY, headers, SECRET) for headers in unsigned)
    assert not is_genuine(BODY, {**fields, "webhook-signature": "v1,ü"}, SECRET)
