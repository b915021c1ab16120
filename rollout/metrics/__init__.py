"""What the watcher knows as metrics for Prometheus, and whether it is well: the extra ``watch``."""
