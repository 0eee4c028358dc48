"""Prediction, metrics and their intervals."""
