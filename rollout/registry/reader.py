"""Reads an image's config from its registry, which no engine does for an image that it has not pulled.

The protocol is OCI's distribution spec: manifest, or an index of manifests by platform, then the config blob;
the login goes along as Basic, or is changed for a token where the registry says so (docs.docker.com,
registry/spec/auth/token).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import requests

from rollout.errors import EngineReplyInvalid
from rollout.model import Image
from rollout.registries import DOCKER_HUB, path_of
from rollout.swarm.reply import Reply

MOST_BYTES = 8 << 20
"""More than any manifest or config has; registries are not trusted."""
SECONDS = (3.0, 5.0)
"""To connect, and of silence."""
_OCI, _DOCKER = "application/vnd.oci.image", "application/vnd.docker.distribution"
_MANIFESTS = (
    f"{_OCI}.index.v1+json, {_DOCKER}.manifest.list.v2+json, "
    f"{_OCI}.manifest.v1+json, {_DOCKER}.manifest.v2+json"
)
_MANIFEST = "a manifest"
_LIKELY = ("linux", "amd64")
_DIGEST = re.compile(r"[a-z0-9]+:[0-9a-f]{64,}")
_CHALLENGE = re.compile(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s+\w+=|\s*(?:,|$))")
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, repr=False)
class RegistryReader:
    """One repository of one registry; ``plain_http`` where the engine may ask it without TLS."""

    registry: str
    repository: str
    user: tuple[str, str] | None = None
    plain_http: bool = False

    def config(self, digest: str) -> Any:
        """The config of an image; of several platforms' the likeliest, for they differ in little.

        Raises EngineReplyInvalid, and OSError as requests does.
        """
        with _Talk(self) as talk:
            manifest = talk.get(f"manifests/{digest}", _MANIFESTS)
            choice = _chosen(manifest)
            if choice:
                manifest = talk.get(f"manifests/{choice}", _MANIFESTS)
            return talk.get(f"blobs/{_digest(Reply(manifest, _MANIFEST), 'config.digest')}", "*/*")


class _Talk(requests.Session):
    """The requests of one reading; the first answer says how the registry wants the login."""

    def __init__(self, reader: RegistryReader) -> None:
        super().__init__()
        self._reader = reader
        self._authorized = False
        self.auth = _as_it_is
        self.trust_env = False  # else requests would send what is in .netrc, after a redirect too
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def get(self, path: str, accept: str) -> Any:  # type: ignore[override]
        """One object as JSON."""
        url = f"{self._scheme}://{_host(self._reader.registry)}/v2/{path_of(Image(self._reader.repository))}/{path}"
        answer = self._ask(url, accept)
        if answer.status_code == requests.codes.unauthorized and not self._authorized:
            self._authorize(answer.headers.get("WWW-Authenticate", ""))
            answer = self._ask(url, accept)
        answer.raise_for_status()
        return _decoded(answer)

    @property
    def _scheme(self) -> str:
        return "http" if self._reader.plain_http else "https"

    def _ask(self, url: str, accept: str) -> requests.Response:
        return self._sent(url, headers={"Accept": accept})

    def _sent(self, url: str, **options: Any) -> requests.Response:
        """A request by way of the environment's proxies."""
        proxies = requests.utils.get_environ_proxies(url)
        return self.request("GET", url, timeout=SECONDS, stream=True, proxies=proxies, **options)

    def get_redirect_target(self, answer: requests.Response) -> str | None:
        """Where an answer leads to; from TLS nobody is led to where there is none."""
        target = super().get_redirect_target(answer)
        secure = answer.url.startswith("https://") and not self._reader.plain_http
        if target and secure and urljoin(answer.url, target).startswith("http://"):
            raise EngineReplyInvalid(f"{self._reader.registry} leads away from TLS")
        return target

    def _authorize(self, header: str) -> None:
        """Log in as the registry wants it: for a token if it may be, else with the password."""
        self._authorized = True
        challenges = challenged(header)
        bearer = challenges.get("bearer", {})
        if self._is_trusted(bearer.get("realm", "")):
            self.auth = _Bearer(self._token(bearer))
        elif "basic" in challenges and self._reader.user:
            self.auth = requests.auth.HTTPBasicAuth(*self._reader.user)

    def _is_trusted(self, realm: str) -> bool:
        """Whether a login may be sent there: with TLS, or without where the registry itself has none."""
        return realm.startswith(("https://", f"{self._scheme}://"))

    def _token(self, told: Mapping[str, str]) -> str:
        asked = {key: told[key] for key in ("service", "scope") if key in told}
        answer = self._sent(told["realm"], params=asked, auth=self._reader.user or _as_it_is)
        answer.raise_for_status()
        reply = Reply(_decoded(answer), "a token")
        return reply.maybe("token", "") or reply.text("access_token")


class _Bearer(requests.auth.AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def challenged(header: str) -> dict[str, dict[str, str]]:
    """The ways to log in, by their names in small letters, each with its parameters (RFC 9110, 11.6.1)."""
    pieces = _CHALLENGE.split(header)
    return {
        kind.lower(): dict(_PARAMETER.findall(rest))
        for kind, rest in zip(pieces[1::2], pieces[2::2], strict=True)
    }


def _as_it_is(request: Any) -> Any:
    return request


def _decoded(answer: requests.Response) -> Any:
    """The body as JSON, unless it is larger than anything that we ask for."""
    with answer:
        body = b""
        for piece in answer.iter_content(1 << 16):
            body += piece
            if len(body) > MOST_BYTES:
                raise EngineReplyInvalid("a registry answers without end")
    return json.loads(body)


def _chosen(manifest: Any) -> str:
    """The digest to go on with where there are several platforms; empty where there are not."""
    listed: list[Any] = Reply(manifest, _MANIFEST).maybe("manifests", [])
    replies = [Reply(one, _MANIFEST) for one in listed]
    replies.sort(key=lambda one: _platform(one) != _LIKELY)
    return _digest(replies[0], "digest") if replies else ""


def _digest(reply: Reply, path: str) -> str:
    """A digest as it may become part of an address."""
    found = reply.text(path)
    if not _DIGEST.fullmatch(found):
        raise reply.wrong(path, "is not a digest")
    return found


def _platform(entry: Reply) -> tuple[str, str]:
    return entry.maybe("platform.os", ""), entry.maybe("platform.architecture", "")


def _host(registry: str) -> str:
    return "registry-1.docker.io" if registry == DOCKER_HUB else registry
