"""Plugins: found, checked, loaded, listed; whose a fault is."""
