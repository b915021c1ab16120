"""Signs webhooks as https://www.standardwebhooks.com has it, which has libraries for receivers. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from rollout.errors import UsageError

PREFIX = "whsec_"
FEWEST_BYTES = 24
_ADVICE = 'make one with: echo "whsec_$(openssl rand -base64 32)"'


def key_of(secret: str) -> bytes:
    """The key behind a secret: base64 after ``whsec_``, any other text as it is. Raises UsageError."""
    key = _decoded(secret.removeprefix(PREFIX)) if secret.startswith(PREFIX) else secret.encode()
    if len(key) < FEWEST_BYTES:
        raise UsageError(f"the secret for webhooks is shorter than {FEWEST_BYTES} bytes", _ADVICE)
    return key


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise UsageError(f"the secret for webhooks is not base64 behind {PREFIX}", _ADVICE) from None


def identity(body: bytes) -> str:
    """The same for each try, so that a receiver may tell a repetition from another message."""
    return f"msg_{hashlib.sha256(body).hexdigest()[:32]}"


def signed(body: bytes, key: bytes | None, seconds: int) -> dict[str, str]:
    """The header fields that let a receiver check body, sender and time, in ``seconds`` since the epoch."""
    fields = {"webhook-id": identity(body), "webhook-timestamp": str(seconds)}
    if key is None:
        return fields
    content = f"{fields['webhook-id']}.{seconds}.".encode() + body
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {**fields, "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}
