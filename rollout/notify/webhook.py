"""A JSON object by POST to a URL of one's own. requests is imported with the first message."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from rollout.connecting import sentence_of
from rollout.errors import MaybeDelivered, NotAccepted, NotDelivered
from rollout.model import Message
from rollout.notify.form import body
from rollout.notify.signature import signed

_WORTH_ANOTHER_TRY = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Webhook:
    """One receiver. Any part of its address but the host may be secret; without ``key`` nothing is signed."""

    url: str = field(repr=False)
    key: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """It is called by its host, and its port where that is not the usual one."""
        parts = urlsplit(self.url)
        return f"webhook {parts.hostname}" + (f":{parts.port}" if parts.port else "")

    def send(self, message: Message, seconds: float) -> None:
        """One POST; only 2xx counts. Raises NotDelivered and NotAccepted."""
        status = self._post(body(message), seconds)
        if 200 <= status < 300:
            return
        said = f"it answers HTTP {status}"
        if status >= 500 or status in _WORTH_ANOTHER_TRY:
            raise NotDelivered(said)
        raise NotAccepted(said)

    def _post(self, content: bytes, seconds: float) -> int:
        """The status of the answer, whose body nobody waits for. Proxies are those of the environment."""
        import requests

        headers = {
            "Content-Type": "application/json",
            "User-Agent": "rollout",
            **signed(content, self.key, int(time.time())),
        }
        try:
            with requests.post(
                self.url, content, headers=headers, timeout=seconds, allow_redirects=False, stream=True
            ) as answer:
                return int(answer.status_code)
        except requests.ReadTimeout as problem:
            raise MaybeDelivered(sentence_of(problem, round(seconds, 1))) from None
        except (requests.RequestException, ValueError) as problem:
            raise NotDelivered(sentence_of(problem, round(seconds, 1))) from None
