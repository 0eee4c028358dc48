"""Figures, drawn with matplotlib: an extra, so nothing here is imported until it is needed."""
