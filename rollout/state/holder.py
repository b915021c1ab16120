"""Who deploys: the person or pipeline, as others shall read it in the lock and in the record."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rollout.secrets import public_link

_CI_LINKS = ("ROLLOUT_PIPELINE", "BITBUCKET_PIPELINE_URL", "CI_PIPELINE_URL", "BUILD_URL")
_CI_BRANCHES = ("BITBUCKET_BRANCH", "BITBUCKET_TAG", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME", "GIT_BRANCH")
_CI_BUILDS = ("BITBUCKET_BUILD_NUMBER", "GITHUB_RUN_NUMBER", "CI_PIPELINE_ID", "BUILD_NUMBER")
_CI_STAGES = ("BITBUCKET_DEPLOYMENT_ENVIRONMENT", "CI_ENVIRONMENT_NAME")
_CI_COMMITS = ("BITBUCKET_COMMIT", "GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT")


@dataclass(frozen=True)
class Holder:
    """``process`` tells on the same machine whether the holder still lives; elsewhere it says nothing.

    ``build`` is the pipeline's number, ``stage`` the deployment environment, such as ``production``.
    """

    who: str
    pipeline: str = ""
    commit: str = ""
    process: str = ""
    branch: str = ""
    build: str = ""
    stage: str = ""


def myself(environ: Mapping[str, str]) -> Holder:
    """This process, with the pipeline's variables where there are any."""
    return Holder(
        who=f"{_user()}@{socket.gethostname()}",
        pipeline=public_link(_pipeline(environ)),
        commit=_first(environ, _CI_COMMITS),
        branch=_first(environ, _CI_BRANCHES),
        build=_first(environ, _CI_BUILDS),
        stage=_first(environ, _CI_STAGES),
        process=f"{_machine()}/{os.getpid()}/{_started(os.getpid())}",
    )


def _first(environ: Mapping[str, str], names: Iterable[str]) -> str:
    return next((environ[name] for name in names if environ.get(name)), "")


def is_dead(process: str) -> bool:
    """True only where it is certain: same machine and process namespace, and that process is gone."""
    parts = process.rsplit("/", 2)
    if len(parts) != 3 or not all(parts) or not parts[1].isdigit():
        return False
    machine, pid, started = parts
    return machine == _machine() and not _lives(int(pid), started)


def _pipeline(environ: Mapping[str, str]) -> str:
    link = _first(environ, _CI_LINKS)
    workspace, build = environ.get("BITBUCKET_REPO_FULL_NAME"), environ.get("BITBUCKET_BUILD_NUMBER")
    if not link and workspace and build:
        return f"https://bitbucket.org/{workspace}/pipelines/results/{build}"
    return link


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a user without a name
        return str(os.getuid())


def _machine() -> str:
    """The boot and the process namespace: two containers on one host must not be mistaken for each other."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _lives(pid: int, started: str) -> bool:
    """Whether it may be that process: another user's may be hidden (proc(5), hidepid), but not its number."""
    fields = _stat(pid)
    if fields:
        return fields[0] not in {"Z", "X"} and fields[19] == started
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _started(pid: int) -> str:
    """The start time of a process in clock ticks since boot (proc(5), field 22); empty if it is hidden."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def _stat(pid: int) -> list[str]:
    """The fields of proc(5), /proc/PID/stat, from the state on; none where they cannot be read."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()
