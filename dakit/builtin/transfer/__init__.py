"""Losses that bring source and target together."""
