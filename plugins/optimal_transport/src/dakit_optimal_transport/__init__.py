"""Optimal transport between source and target, as components of dakit."""
