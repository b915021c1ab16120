"""Measurements that are made by hand, with ``make bench``; their results are committed under docs/."""
