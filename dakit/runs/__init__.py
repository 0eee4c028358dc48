"""The run folder: layout, provenance, finding and resuming."""
