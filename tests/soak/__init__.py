"""A day of a large Swarm under the watcher's eyes, on the simulation: ``make soak`` renews docs/soak.md."""
