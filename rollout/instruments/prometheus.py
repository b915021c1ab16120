"""Instant queries to a Prometheus server, by its HTTP API. urllib3 is imported at the first one.

The answer's form: https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries
"""

from __future__ import annotations

import json
from typing import Any

from rollout.connecting import late, sentence_of
from rollout.deadline import within
from rollout.model import PrometheusGate, Queried
from rollout.untrusted import plain

_PATH = "/api/v1/query"
_MOST_BYTES = 4 << 20
_ERROR_LIMIT = 200


def query(gate: PrometheusGate) -> Queried:
    """The values of now, within ``gate.timeout`` seconds; never raises."""
    return within(gate.timeout, lambda: _asked(gate)) or Queried(error=late(gate.timeout))


def _asked(gate: PrometheusGate) -> Queried:
    try:
        status, body = _answer(gate)
    except Exception as problem:  # whatever a URL, a server or a library comes up with
        return Queried(error=sentence_of(problem, gate.timeout))
    return values_in(status, body)


def _answer(gate: PrometheusGate) -> tuple[int, bytes]:
    from urllib3 import PoolManager, Timeout

    url = gate.url.rstrip("/") + _PATH
    if not url.lower().startswith(("http://", "https://")):
        raise ValueError("neither http nor https")
    with PoolManager(headers=dict(gate.headers), retries=False) as pools:
        timeout = Timeout(total=gate.timeout)
        answer = pools.request(
            "GET", url, fields={"query": gate.query}, timeout=timeout, redirect=False, preload_content=False
        )
        body: bytes = answer.read(_MOST_BYTES, decode_content=True)
        answer.close()
        return int(answer.status), body


def values_in(status: int, body: bytes) -> Queried:
    """The values in an answer. NaN stays NaN; what is no instant vector and no scalar is an error."""
    try:
        reply = json.loads(body)
        if reply["status"] != "success":
            return Queried(error=plain(str(reply["error"]), _ERROR_LIMIT))
        return _values(reply["data"])
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return Queried(error="the answer is not Prometheus's" if status == 200 else f"HTTP {status}")


def _values(data: dict[str, Any]) -> Queried:
    kind, result = data["resultType"], data["result"]
    if kind == "vector":
        return Queried(tuple(float(sample["value"][1]) for sample in result))
    if kind == "scalar":
        return Queried((float(result[1]),))
    return Queried(error=f"the query gives a {plain(str(kind), 20)}, not a number for each series")
