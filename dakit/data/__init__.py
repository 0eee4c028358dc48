"""Splits, normalisation and batches."""
