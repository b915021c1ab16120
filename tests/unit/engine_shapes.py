"""What a real engine (20.10.24, three nodes) sent, shortened only where it is long for nothing."""

from __future__ import annotations

from typing import Any

SERVICE: dict[str, Any] = {
    "ID": "rrtrzvkrxxh64h2frqfsm21ho",
    "Version": {"Index": 21},
    "CreatedAt": "2026-11-23T19:15:40.520907671Z",
    "UpdatedAt": "2026-11-23T19:15:40.520907671Z",
    "Spec": {
        "Name": "web",
        "Labels": {"a": "1"},
        "TaskTemplate": {
            "ContainerSpec": {
                "Image": "198.18.1.1:5000/busybox:latest",
                "Command": ["sleep", "1000"],
                "Isolation": "default",
            },
            "RestartPolicy": {"Condition": "any", "Delay": 1000000000, "MaxAttempts": 0},
            "ForceUpdate": 0,
            "Runtime": "container",
        },
        "Mode": {"Replicated": {"Replicas": 2}},
    },
    "Endpoint": {"Spec": {}},
}
STARTING: dict[str, Any] = {
    "ID": "m2406tumsydotfa2g3i970jev",
    "Version": {"Index": 26},
    "CreatedAt": "2026-11-23T19:15:40.522095198Z",
    "UpdatedAt": "2026-11-23T19:15:40.784828305Z",
    "Labels": {},
    "Spec": {
        "ContainerSpec": {"Image": "198.18.1.1:5000/busybox:latest", "Isolation": "default"},
        "RestartPolicy": {"Condition": "any", "Delay": 1000000000, "MaxAttempts": 0},
        "ForceUpdate": 0,
    },
    "ServiceID": "rrtrzvkrxxh64h2frqfsm21ho",
    "Slot": 2,
    "NodeID": "7ynwjod025cjju4vxssejqdol",
    "Status": {
        "Timestamp": "2026-11-23T19:15:40.763055365Z",
        "State": "starting",
        "Message": "starting",
        "ContainerStatus": {"ContainerID": "f4d5b6813291", "PID": 0, "ExitCode": 0},
        "PortStatus": {},
    },
    "DesiredState": "running",
}
RUNNING: dict[str, Any] = STARTING | {
    "ID": "tteruytnke92epq1zez3t762a",
    "Status": {
        "Timestamp": "2026-11-23T19:15:42.022095198Z",
        "State": "running",
        "Message": "started",
        "ContainerStatus": {"ContainerID": "f4d5b6813291", "PID": 4711, "ExitCode": 0},
        "PortStatus": {},
    },
}
FAILED: dict[str, Any] = STARTING | {
    "ID": "jmi3nkumsydotfa2g3i970jev",
    "CreatedAt": "2026-11-23T19:15:45Z",
    "Status": {
        "Timestamp": "2026-11-23T19:15:46.763055365Z",
        "State": "failed",
        "Message": "started",
        "Err": "task: non-zero exit (3)",
        "ContainerStatus": {"ContainerID": "f4d5b6813291", "PID": 0, "ExitCode": 3},
        "PortStatus": {},
    },
    "DesiredState": "shutdown",
}
PENDING: dict[str, Any] = {
    "ID": "rf79nrumsydotfa2g3i970jev",
    "Version": {"Index": 61},
    "CreatedAt": "2026-11-23T19:16:02.5Z",
    "UpdatedAt": "2026-11-23T19:16:02.5Z",
    "Labels": {},
    "Spec": {"ContainerSpec": {"Image": "198.18.1.1:5000/busybox:latest"}, "ForceUpdate": 0},
    "ServiceID": "rrtrzvkrxxh64h2frqfsm21ho",
    "Slot": 1,
    "Status": {
        "Timestamp": "2026-11-23T19:16:02.6Z",
        "State": "pending",
        "Message": "pending task scheduling",
    },
    "DesiredState": "running",
}
NODE: dict[str, Any] = {
    "ID": "7ynwjod025cjju4vxssejqdol",
    "Version": {"Index": 9},
    "CreatedAt": "2026-11-23T19:09:10.268036764Z",
    "UpdatedAt": "2026-11-23T19:09:10.875573056Z",
    "Spec": {"Labels": {}, "Role": "manager", "Availability": "active"},
    "Description": {
        "Hostname": "adapters-n1",
        "Platform": {"Architecture": "x86_64", "OS": "linux"},
        "Resources": {"NanoCPUs": 2000000000, "MemoryBytes": 25276510208},
    },
    "Status": {"State": "ready", "Addr": "198.18.1.11"},
    "ManagerStatus": {"Leader": True, "Reachability": "reachable", "Addr": "198.18.1.11:2377"},
}
CONFIG: dict[str, Any] = {
    "ID": "nt96ghcwpgdgkwsu6usqj5dp3",
    "Version": {"Index": 757},
    "CreatedAt": "2026-11-23T19:17:59.653261585Z",
    "UpdatedAt": "2026-11-23T19:17:59.653261585Z",
    "Spec": {"Name": "a1", "Labels": {"n": "a1", "rollout": "x"}, "Data": "aGVsbG8="},
}
DIGEST = "sha256:6976bb84408aa61261e668fdd81ba0d345c73f84f735c568ae262ff1f7202609"
DISTRIBUTION: dict[str, Any] = {
    "Descriptor": {
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "digest": DIGEST,
        "size": 527,
    },
    "Platforms": [{"architecture": "amd64", "os": "linux"}],
}
INFO: dict[str, Any] = {
    "Name": "adapters-n1",
    "ServerVersion": "20.10.24+dfsg1",
    "SystemTime": "2026-11-23T19:17:59.790772336Z",
    "Swarm": {
        "NodeID": "7ynwjod025cjju4vxssejqdol",
        "NodeAddr": "198.18.1.11",
        "LocalNodeState": "active",
        "ControlAvailable": True,
        "Error": "",
        "RemoteManagers": [{"NodeID": "7ynwjod025cjju4vxssejqdol", "Addr": "198.18.1.11:2377"}],
        "Cluster": {"ID": "o3p0fo8o4q9xwchgnj50nhwuc", "Version": {"Index": 10}},
    },
}
WORKER: dict[str, Any] = {
    "Name": "adapters-n2",
    "Swarm": {
        "NodeID": "o1xyf6cg0tp8lym8olc9f9vcx",
        "NodeAddr": "198.18.1.12",
        "LocalNodeState": "active",
        "ControlAvailable": False,
        "Error": "",
        "RemoteManagers": [{"NodeID": "7ynwjod025cjju4vxssejqdol", "Addr": "198.18.1.11:2377"}],
    },
}
NOT_A_MANAGER = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
    "Please run this command on a manager node or promote the current node to a manager."
)
OUT_OF_SEQUENCE = "rpc error: code = Unknown desc = update out of sequence"
NO_LEADER = (
    "rpc error: code = Unknown desc = The swarm does not have a leader. "
    "It's possible that too few managers are online. Make sure more than half of the managers are online."
)
LEADER_LOST = "rpc error: code = Unknown desc = raft: failed to process the request: node lost leader status"
TOO_LATE = "rpc error: code = DeadlineExceeded desc = context deadline exceeded"
LOG = b"\x01\0\0\0\0\0\0\x06hello\n\x01\0\0\0\0\0\0\r\x1b[31mred\x1b[0m\n\x02\0\0\0\0\0\0\x04err\n"
