"""Tells people and their programs how a deployment went: what is said, by which channels, and the sending."""
