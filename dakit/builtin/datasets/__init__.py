"""Pairs of domains."""
