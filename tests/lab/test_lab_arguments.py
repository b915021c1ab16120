"""What is written and run for a lab, and how the machine's own words are read. Nothing is started."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from rollout.lab import (
    LabError,
    LabSpec,
    Node,
    cgroups,
    furnish,
    images,
    names,
    network,
    node,
    storage,
    switch,
    system,
)
from rollout.lab import lab as labs
from rollout.lab.state import LabState

ECR = "637345297332.dkr.ecr.eu-west-1.amazonaws.com"
LAB = LabState(LabSpec("demo", 3, 1, hosts={ECR: "registry", "db": "198.18.7.99"}), "198.18.7.0/24")
V1_AND_V2 = """\
25 20 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
26 25 0:23 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
27 25 0:24 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory
28 25 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
"""
V2_COVERED = V1_AND_V2 + "29 25 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"


def test_the_engine_keeps_to_itself() -> None:
    config = furnish.engine_config(LAB, 2)
    assert config["hosts"] == ["unix:///run/rollout/labs/demo/n2/docker.sock", "unix:///run/docker.sock"]
    assert config["data-root"] == "/var/lib/rollout/labs/demo/n2/docker"
    assert config["cgroup-parent"] == "/rollout/demo/demo-n2"
    assert config["exec-opts"] == ["native.cgroupdriver=cgroupfs"]
    assert config["live-restore"] is False


def test_the_engine_takes_the_registry_by_every_name_it_has() -> None:
    assert furnish.insecure_registries(LAB) == ["198.18.7.1:5000", "198.18.7.1", ECR]


def test_without_a_registry_there_is_no_insecure_one() -> None:
    assert furnish.insecure_registries(LabState(LabSpec(registry=False), "198.18.7.0/24")) == []


def test_nodes_know_each_other_and_the_extra_names() -> None:
    lines = furnish.hosts(LAB).splitlines()
    assert "198.18.7.12\tdemo-n2" in lines
    assert f"198.18.7.1\t{ECR}" in lines
    assert "198.18.7.99\tdb" in lines
    assert "127.0.0.1\tlocalhost" in lines


def test_both_ends_of_a_wire_are_born_in_their_namespaces() -> None:
    first, *rest = network.veth_commands(2, "rollout-demo-n2", "198.18.7.12")
    assert first == "link add n2 type veth peer name eth0 address 02:00:c6:12:07:0c netns rollout-demo-n2"
    assert rest == ["link set n2 master br0", "link set n2 up"]


def test_the_registry_listens_on_the_switch_and_keeps_its_images_with_the_lab() -> None:
    settings = switch.registry_settings(LAB)
    assert settings["http"] == {"addr": "198.18.7.1:5000"}
    assert settings["storage"]["filesystem"]["rootdirectory"] == "/var/lib/rollout/labs/demo/registry"


def test_a_node_is_reached_from_the_host_by_its_socket() -> None:
    made = Node(LAB, 2)
    assert (made.name, made.address, made.netns) == ("demo-n2", "198.18.7.12", "rollout-demo-n2")
    assert made.host == "unix:///run/rollout/labs/demo/n2/docker.sock"
    assert not made.manager
    assert Node(LAB, 1).manager


def test_a_program_on_a_node_gets_no_proxy_but_finds_sbin() -> None:
    made = node.inside({"HTTPS_PROXY": "x", "no_proxy": "y", "PATH": "/opt/bin", "HOME": "/root"})
    assert made == {"PATH": f"/opt/bin:{system.PATH}", "HOME": "/root"}


def test_an_engine_inherits_nothing_but_the_labs_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere")
    assert set(system.environment("demo", "n1")) == {"PATH", "HOME", "LC_ALL", system.MARK}


def test_an_engine_root_spares_the_machines_engine() -> None:
    assert "dockerd" in labs.programs(LabSpec())
    assert "dockerd" not in labs.programs(LabSpec(engine_root=Path("/srv/engine")))
    assert "docker-registry" not in labs.programs(LabSpec(registry=False))


def test_another_system_is_refused_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    with pytest.raises(LabError, match="needs Linux"):
        system.check_host(("ip",))


def test_a_user_who_is_not_root_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(LabError, match="needs root") as caught:
        system.check_host(("ip",))
    assert caught.value.hint == "try again with sudo"


def test_missing_programs_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(system, "find", lambda *_: None)
    with pytest.raises(LabError, match="dockerd, nsenter") as caught:
        system.check_host(("dockerd", "nsenter"))
    assert caught.value.hint == "apt-get install docker.io util-linux"


def test_hierarchies_are_read_from_a_hybrid_machine() -> None:
    devices = {
        "/sys/fs/cgroup/freezer": "0:23",
        "/sys/fs/cgroup/memory": "0:24",
        "/sys/fs/cgroup/unified": "0:25",
    }
    found = cgroups.parse(V1_AND_V2, lambda path: devices[str(path)])
    assert [(str(tree.root), tree.v2, tree.freezer) for tree in found] == [
        ("/sys/fs/cgroup/freezer", False, True),
        ("/sys/fs/cgroup/memory", False, False),
        ("/sys/fs/cgroup/unified", True, False),
    ]


def test_a_hierarchy_is_taken_where_no_other_mount_covers_it() -> None:
    found = cgroups.parse(V2_COVERED, lambda path: "0:25" if path == Path("/sys/fs/cgroup") else "")
    assert [str(tree.root) for tree in found] == ["/sys/fs/cgroup"]


def test_the_file_system_of_a_folder_is_that_of_the_nearest_mount() -> None:
    rows = [
        "1 0 8:1 / / rw - overlay o rw",
        "2 1 8:2 / /var/lib rw - ext4 d rw",
        "3 1 0:5 / /var/li rw - tmpfs t rw",
    ]
    assert storage.file_system(Path("/var/lib/rollout"), "\n".join(rows)) == "ext4"
    assert storage.file_system(Path("/srv"), "\n".join(rows)) == "overlay"


def _query(name: str, kind: int = 1) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\0" + bytes([0, kind, 0, 1])


HOSTS = names.read_hosts("127.0.0.1\tlocalhost\n::1\tlocalhost\n198.18.7.99\tDB db.example\n\n")


def test_the_name_server_knows_the_hosts_file() -> None:
    answer = names.reply(_query("Db.Example"), HOSTS)
    assert answer[:2] == b"\x12\x34"
    assert answer[3] & 0x0F == 0
    assert answer.endswith(b"\x00\x04" + bytes([198, 18, 7, 99]))


def test_the_name_server_has_no_other_records_of_a_known_name() -> None:
    answer = names.reply(_query("db", kind=28), HOSTS)
    assert answer[3] & 0x0F == 0
    assert answer[6:8] == b"\0\0"


def test_the_name_server_denies_the_rest() -> None:
    assert names.reply(_query("example.org"), HOSTS)[3] & 0x0F == 3


@pytest.mark.parametrize("query", [b"", b"short", _query("db")[:14], _query("db")[:-4]])
def test_a_broken_query_is_an_error_that_the_server_survives(query: bytes) -> None:
    with pytest.raises((names.struct.error, IndexError)):
        names.reply(query, HOSTS)


def test_a_busybox_image_is_one_program_and_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "busybox"
    program.write_text("#!/bin/sh\necho sh; echo httpd; echo busybox\n")
    program.chmod(0o755)
    monkeypatch.setattr(system, "find", lambda *_: program)
    with tarfile.open(fileobj=BytesIO(images.busybox_tar())) as tar:
        assert {entry.name: entry.linkname for entry in tar if entry.issym()} == {
            "bin/httpd": "busybox",
            "bin/sh": "busybox",
        }
        assert tar.getmember("bin/busybox").mode == 0o755


def test_a_busybox_with_shared_libraries_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "busybox"
    program.write_bytes(b"\x7fELF /lib64/ld-linux-x86-64.so.2")
    monkeypatch.setattr(system, "find", lambda *_: program)
    with pytest.raises(LabError, match="shared libraries"):
        images.busybox_tar()
