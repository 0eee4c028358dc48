"""Brings the files of a dataset to this machine: whole, checked, and only once."""
