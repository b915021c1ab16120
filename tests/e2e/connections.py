"""Ways to an engine, made for a test and gone after it: an sshd, and a dockerd with its own TLS socket."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def missing(*programs: str) -> str:
    """The programs that are not installed, as a reason to skip; empty if there are none."""
    absent = [program for program in programs if shutil.which(program, path=PATH) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} does not listen on port {port}")


@dataclass(frozen=True)
class SshHost:
    """A real sshd on the loopback interface; ``folder/bin/ssh`` is the user's ssh, and counts its starts."""

    folder: Path
    port: int

    @property
    def host(self) -> str:
        return f"ssh://root@127.0.0.1:{self.port}"

    @property
    def search_path(self) -> str:
        return f"{self.folder / 'bin'}:{PATH}"

    @property
    def starts(self) -> list[int]:
        """The process ids of every ssh so far."""
        counted = self.folder / "starts"
        return [int(line) for line in counted.read_text().split()] if counted.exists() else []

    def forget_starts(self) -> None:
        (self.folder / "starts").unlink(missing_ok=True)

    def configure(self, *, key: str = "user", known_hosts: str = "known_hosts") -> None:
        """Write what would be the user's ~/.ssh/config; ssh finds the real one by the user, not by HOME."""
        (self.folder / "config").write_text(
            f"IdentityFile {self.folder / key}\nIdentitiesOnly yes\nIdentityAgent none\n"
            f"UserKnownHostsFile {self.folder / known_hosts}\nStrictHostKeyChecking yes\n"
        )


@contextmanager
def sshd(folder: Path, docker_host: str) -> Iterator[SshHost]:
    """Run an sshd whose users find the docker CLI, pointed at one engine."""
    made = SshHost(folder, free_port())
    for name in ("host", "user", "stranger"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized_keys")
    words = (folder / "host.pub").read_text().split()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{made.port} {words[0]} {words[1]}\n")
    _write_ssh(folder)
    made.configure()
    separation = Path("/run/sshd")
    new = not separation.exists()
    separation.mkdir(exist_ok=True)
    process = subprocess.Popen([_found("sshd"), "-D", "-e", "-f", str(_sshd_config(made, docker_host))])
    try:
        wait_for_port(made.port, process)
        yield made
    finally:
        process.terminate()
        process.wait(10)
        if new:
            separation.rmdir()


def _write_ssh(folder: Path) -> None:
    program = folder / "bin" / "ssh"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\necho $$ >>{folder}/starts\nexec {_found("ssh")} -F {folder}/config "$@"\n'
    )
    program.chmod(0o755)


def _sshd_config(made: SshHost, docker_host: str) -> Path:
    file = made.folder / "sshd_config"
    docker = Path(_found("docker")).parent
    file.write_text(
        f"Port {made.port}\nListenAddress 127.0.0.1\nHostKey {made.folder / 'host'}\n"
        f"AuthorizedKeysFile {made.folder / 'authorized_keys'}\nStrictModes no\nUsePAM no\nPidFile none\n"
        "PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel ERROR\n"
        f"SetEnv DOCKER_HOST={docker_host} PATH={docker}:/usr/bin:/bin\n"
    )
    return file


@dataclass(frozen=True)
class TlsEngine:
    """A real dockerd that listens on TLS and wants to know its clients."""

    folder: Path
    port: int

    @property
    def host(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def environment(self, certificates: str = "client") -> dict[str, str]:
        return {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(self.folder / certificates)}


@contextmanager
def tls_engine(folder: Path) -> Iterator[TlsEngine]:
    """Run a dockerd beside all others: no Swarm, no containers, no bridge, the machine stays as it is."""
    made = TlsEngine(folder, free_port())
    certificates(folder)
    run = folder / "run"
    run.mkdir()
    command = [
        *("unshare", "--mount", _found("dockerd"), "--host", f"tcp://127.0.0.1:{made.port}", "--tlsverify"),
        *("--tlscacert", str(folder / "ca.pem"), "--tlscert", str(folder / "server.pem")),
        *("--tlskey", str(folder / "server.key"), "--config-file", str(folder / "none.json")),
        *("--data-root", str(folder / "data"), "--exec-root", str(run), "--pidfile", str(run / "pid")),
        *("--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"),
    ]
    (folder / "none.json").write_text("{}")
    with (folder / "dockerd.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for_port(made.port, process)
        yield made
    finally:
        process.terminate()
        process.wait(30)


def certificates(folder: Path) -> None:
    """A CA, a server's and a client's certificate, and folders as DOCKER_CERT_PATH wants them."""
    authority(folder, "ca")
    authority(folder, "other-ca")
    signed(folder, "server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth")
    signed(folder, "client", "extendedKeyUsage=clientAuth")
    for name, ca, known in (
        ("client", "ca", True),
        ("anonymous", "ca", False),
        ("mistrusting", "other-ca", True),
    ):
        made = folder / name
        made.mkdir()
        shutil.copy(folder / f"{ca}.pem", made / "ca.pem")
        if known:
            shutil.copy(folder / "client.pem", made / "cert.pem")
            shutil.copy(folder / "client.key", made / "key.pem")


def authority(folder: Path, name: str) -> None:
    usage = ("-addext", "keyUsage=critical,keyCertSign", "-days", "2")
    _openssl(folder, "req", "-x509", *_new_key(name), *usage, "-out", f"{name}.pem")


def signed(folder: Path, name: str, extensions: str) -> None:
    (folder / f"{name}.ext").write_text(extensions)
    _openssl(folder, "req", *_new_key(name), "-out", f"{name}.csr")
    signer = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
    ends = ("-in", f"{name}.csr", "-out", f"{name}.pem")
    _openssl(folder, "x509", "-req", *signer, "-extfile", f"{name}.ext", *ends)


def _new_key(name: str) -> tuple[str, ...]:
    return ("-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-subj", f"/CN={name}")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _found(program: str) -> str:
    return str(shutil.which(program, path=PATH))
