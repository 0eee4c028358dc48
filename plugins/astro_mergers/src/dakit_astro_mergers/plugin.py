"""Offers the galaxy-merger components."""
