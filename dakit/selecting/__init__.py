"""Which epoch of which run to take, and whether to adapt, without target labels."""
