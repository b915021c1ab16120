#!/bin/sh
# Runs a program on the machine's own file system, but with a node's network, host name and hosts file.
# Run by node.py in a new mount namespace. Arguments: the node's name, its folder, then the program.
set -eu
name=$1 folder=$2
shift 2

hostname "$name"
for file in hosts resolv.conf; do
    if [ -e "/etc/$file" ]; then
        mount --bind "$folder/$file" "/etc/$file"
    fi
done
exec "$@"
