"""Scores that choose the epoch a run keeps."""
