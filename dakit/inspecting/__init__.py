"""What data are before anyone trains on them: numbers about images, never pictures."""
