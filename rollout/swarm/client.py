"""The connection to one engine. The docker SDK's missing types end here."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote

from docker import APIClient  # type: ignore[import-untyped]
from docker.errors import DockerException  # type: ignore[import-untyped]
from docker.tls import TLSConfig  # type: ignore[import-untyped]

from rollout.errors import EngineRefused, EngineReplyInvalid, UsageError
from rollout.model import Spec
from rollout.swarm import ssh
from rollout.swarm.endpoint import DEFAULT_HOST, Endpoint, Tls, choose
from rollout.swarm.errors import Call, Refusal, garbled, refusal, translated
from rollout.swarm.transport import OneEngineAdapter, UnixConnection

Json: TypeAlias = Any
"""What an engine sent: nothing is known of it until ``rollout.swarm.parse`` has looked."""

OLDEST_API = (1, 41)
"""Docker 20.10: older engines were not tried."""
READ_SECONDS = 10.0
SLOW_SECONDS = 30.0
"""For calls that make the engine ask elsewhere. Writes are among them: an engine waits 20 s for its leader
(moby/moby daemon/cluster/cluster.go, swarmRequestTimeout), and its no is worth more than our "unknown"."""


class Engine(Protocol):
    """What the adapters need of a connection; see ``EngineClient``."""

    @property
    def endpoint(self) -> Endpoint:
        """Where it leads to."""
        ...

    @property
    def api_version(self) -> str:
        """The engine's newest API version."""
        ...

    def read(self, act: str, path: str, **options: Any) -> Json:
        """GET a path of the API."""
        ...

    def ask_elsewhere(self, act: str, path: str, **options: Any) -> Json:
        """GET what the engine has to ask a node or a registry for: its silence may be theirs."""
        ...

    def write(self, act: str, method: str, path: str, body: Spec | None = None, **options: Any) -> Json:
        """Change something, once."""
        ...

    def update_service_raw(self, service_id: str, version: int, spec: Spec, auth: str | None) -> None:
        """Write a service's spec as it is."""
        ...

    def relabel_config(self, config_id: str, version: int, spec: Spec) -> None:
        """Write a config's labels."""
        ...


class EngineClient(APIClient):  # type: ignore[misc]
    """The SDK's client with what it lacks or damages; errors are of our tree, and nothing is tried twice."""

    def __init__(self, endpoint: Endpoint) -> None:
        local = endpoint.scheme in ("unix", "ssh")
        super().__init__(
            base_url=DEFAULT_HOST if local else endpoint.host,
            version="1.41",  # any: else the SDK would ask before the connection is ours
            timeout=READ_SECONDS,
            tls=False if local else _tls_config(endpoint.tls),
        )
        self.endpoint = endpoint
        if local:
            self._custom_adapter = _adapter(endpoint)
            self.mount("http+docker://", self._custom_adapter)
        self._version = self._negotiated()

    def _negotiated(self) -> str:
        """The engine's newest API version, in which specs come as they are kept."""
        call = Call("reach the engine", str(self.endpoint))
        answer = self._answer(call, "get", f"{self.base_url}/version", timeout=SLOW_SECONDS)
        version = str(answer.get("ApiVersion")) if isinstance(answer, dict) else ""
        numbers = [int(number) if number.isdecimal() else -1 for number in version.split(".")]
        if len(numbers) != 2 or min(numbers) < 0:
            raise EngineReplyInvalid(f"{self.endpoint} does not answer as a Docker Engine: no ApiVersion")
        if tuple(numbers) < OLDEST_API:
            raise EngineRefused(f"{self.endpoint} is too old: API {version}", "use Docker 20.10 or later")
        return version

    def read(self, act: str, path: str, *, refused: Refusal = refusal, **options: Any) -> Json:
        """GET a path of the API. ``act`` is for the messages; ``timeout`` is in seconds of silence."""
        options = {"timeout": READ_SECONDS, **options}
        return self._answer(Call(act, str(self.endpoint)), "get", self._api(path), refused, **options)

    def ask_elsewhere(self, act: str, path: str, **options: Any) -> Json:
        """The same for what the engine asks a node or a registry for; see ``Managers``."""
        return self.read(act, path, **options)

    def write(self, act: str, method: str, path: str, body: Spec | None = None, **options: Any) -> Json:
        """Change something, once. Raises OutcomeUnknown when it may or may not have landed."""
        call = Call(act, str(self.endpoint), write=True)
        if body is not None:
            options["data"] = json.dumps(body)
            options["headers"] = {"Content-Type": "application/json", **options.get("headers", {})}
        return self._answer(call, method, self._api(path), timeout=SLOW_SECONDS, **options)

    def update_service_raw(self, service_id: str, version: int, spec: Spec, auth: str | None) -> None:
        """Write a service's spec as it is; the SDK's ``update_service`` drops fields and fills others in.

        Without new credentials the engine keeps those of the spec in force: ``registryAuthFrom=spec`` says
        so, and is its default too (moby/moby daemon/cluster/services.go, UpdateService).
        """
        headers = {"X-Registry-Auth": auth} if auth else {}
        params = {"version": version} if auth else {"version": version, "registryAuthFrom": "spec"}
        path = f"/services/{segment(service_id)}/update"
        self.write(f"update service {spec.get('Name')}", "post", path, spec, params=params, headers=headers)

    def relabel_config(self, config_id: str, version: int, spec: Spec) -> None:
        """Write a config's labels, which the SDK cannot; everything else in ``spec`` has to be as it was."""
        path = f"/configs/{segment(config_id)}/update"
        self.write(f"update config {spec.get('Name')}", "post", path, spec, params={"version": version})

    def _api(self, path: str) -> str:
        return f"{self.base_url}/v{self._version}{path}"

    def _answer(self, call: Call, method: str, url: str, refused: Refusal = refusal, **options: Any) -> Json:
        send = {"get": self._get, "post": self._post, "delete": self._delete}[method]
        with translated(call):
            answer = send(url, allow_redirects=False, **options)
            _check_whole(answer, stream=bool(options.get("stream")))
        if answer.status_code >= 300:
            raise refused(call, answer.status_code, _words(answer))
        return answer if options.get("stream") else _decoded(call, answer)

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """The session's own CA first: requests would rather take the one in REQUESTS_CA_BUNDLE."""
        chosen = self.verify if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, chosen, cert)


def connect(
    host: str | None = None, environ: Mapping[str, str] | None = None, origin: str = "--host"
) -> EngineClient:
    """Open the connection that the docker CLI would open, and ask for the engine's version.

    It is not tried twice: an address that is wrong should be said at once.
    Raises UsageError, EngineUnavailable, EngineReplyInvalid, EngineRefused.
    """
    endpoint = choose(host, os.environ if environ is None else environ, origin)
    try:
        return EngineClient(endpoint)
    except (DockerException, ValueError, TypeError) as error:
        kind = type(error).__name__  # no more than its kind: logins are read here
    raise UsageError(f"docker's config.json cannot be used ({kind})", "mend it, or log in anew: docker login")


def segment(text: str) -> str:
    """One part of a path: whatever a user typed, it stays one part."""
    return quote(text, safe="")


def _check_whole(answer: Any, *, stream: bool) -> None:
    """Notice a body that was cut off: urllib3 does so by itself only from 2.0 on."""
    length = answer.headers.get("Content-Length", "")
    if not stream and length.isdecimal() and len(answer.content) < int(length):
        raise ConnectionError("the body was cut off")


def _words(answer: Any) -> str:
    """The engine's message; a proxy's page is not one."""
    try:
        found = json.loads(answer.content)
        return str(found["message"])
    except (ValueError, KeyError, TypeError, RecursionError):
        html = "html" in answer.headers.get("Content-Type", "")
        return "" if html else str(answer.text)


def _decoded(call: Call, answer: Any) -> Json:
    try:
        return json.loads(answer.content) if answer.content.strip() else None
    except (ValueError, RecursionError) as error:
        raise garbled(call) from error


def _adapter(endpoint: Endpoint) -> OneEngineAdapter:
    if endpoint.scheme == "ssh":
        arguments = ssh.command(endpoint.host)
        return OneEngineAdapter(lambda: ssh.SshConnection(arguments, READ_SECONDS))
    path = endpoint.host.removeprefix("unix://") or DEFAULT_HOST.removeprefix("unix://")
    return OneEngineAdapter(lambda: UnixConnection(path, READ_SECONDS))


def _tls_config(tls: Tls | None) -> Any:
    if tls is None:
        return False
    pair = (tls.cert, tls.key) if tls.cert and tls.key else None
    return TLSConfig(client_cert=pair, ca_cert=tls.ca, verify=tls.verify)
