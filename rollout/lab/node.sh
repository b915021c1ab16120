#!/bin/sh
# The first process of a lab's node: furnishes the node's own mount namespace, then becomes its engine.
# Run by node.py in new network, mount, host name and PID namespaces. Everything mounted here is seen by this
# node alone and goes when the last process of the node goes.
#
# Arguments: the engine's command line. Environment: NODE_NAME, NODE_RUN (this node's small folder), LAB_RUN, LAB_DATA
# (the lab's folders), NODE_CGROUPS (groups to enter), ENGINE_ROOT (another root file system; empty: the machine's own).
set -eu

stage=$NODE_RUN/stage
root=

enter_cgroups() {
    for group in $NODE_CGROUPS; do
        echo 0 >"$group/cgroup.procs"
    done
}

# Room for all that is written while the node runs and must not reach the machine: memory.
make_stage() {
    mkdir -p "$stage"
    mount -t tmpfs -o mode=755 rollout "$stage"
    mkdir "$stage/upper" "$stage/work" "$stage/root" "$stage/run" "$stage/cgroup"
}

# Engines write to /etc/docker and read hosts, resolv.conf and a daemon.json there. An overlay gives each node
# an /etc of its own; with another engine's root the whole root is overlaid, so nodes can share it unharmed.
lay_over() {
    cd "$1"
    mount -t overlay rollout -o "lowerdir=.,upperdir=$stage/upper,workdir=$stage/work" "$2"
    cd /
}

make_root() {
    if [ -z "$ENGINE_ROOT" ]; then
        lay_over /etc /etc
        return
    fi
    root=$stage/root
    lay_over "$ENGINE_ROOT" "$root"
    mkdir -p "$root/dev" "$root/proc" "$root/sys" "$root/run" "$root/etc" "$root/tmp" "$root$LAB_DATA"
    mount --rbind /dev "$root/dev"
    mount --rbind "$LAB_DATA" "$root$LAB_DATA"
}

write_etc() {
    rm -rf "$root/etc/docker"
    rm -f "$root/etc/hosts" "$root/etc/resolv.conf" "$root/etc/hostname" "$root/etc/nsswitch.conf"
    mkdir "$root/etc/docker"
    cp "$NODE_RUN/hosts" "$NODE_RUN/resolv.conf" "$root/etc/"
    echo "$NODE_NAME" >"$root/etc/hostname"
    echo "hosts: files dns" >"$root/etc/nsswitch.conf"
}

# A sysfs shows the network namespace it was mounted in. With the machine's own, overlay networks fail:
# the engine looks there for bridges that are in another namespace (default_pvid: permission denied).
mount_sys() {
    mount --rbind /sys/fs/cgroup "$stage/cgroup"
    mount -t sysfs -o nosuid,nodev,noexec sysfs "$root/sys"
    mount --rbind "$stage/cgroup" "$root/sys/fs/cgroup"
}

# A fresh /run takes away the machine's docker, containerd and iptables lock; the lab's folder is bound back.
mount_run() {
    mount -t tmpfs -o mode=755 rollout "$stage/run"
    mkdir -p "$stage$LAB_RUN" "$stage/run/lock"
    mount --bind "$LAB_RUN" "$stage$LAB_RUN"
    mount --rbind "$stage/run" "$root/run"
}

# Not chroot: health checks and exec enter the engine's mount namespace anew and would land in the machine's root.
change_root() {
    [ -n "$root" ] || return 0
    cd "$root"
    mkdir -p .machine
    pivot_root . .machine
    umount -l /.machine
    rmdir /.machine
}

# Somebody must reap the orphans of a PID namespace; the shell does where no small init is installed.
become_engine() {
    for init in docker-init tini tini-static; do
        if command -v "$init" >/dev/null; then
            exec "$init" -- "$@"
        fi
    done
    "$@" &
    trap 'kill -TERM $!' TERM INT
    while kill -0 $! 2>/dev/null; do
        wait $! || true
    done
}

enter_cgroups
hostname "$NODE_NAME"
make_stage
make_root
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
write_etc
mount_sys
mount_run
change_root
become_engine "$@"
