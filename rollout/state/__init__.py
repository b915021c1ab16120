"""What must outlive the caller's machine: the lock and the record of each deployment, kept in the Swarm."""
