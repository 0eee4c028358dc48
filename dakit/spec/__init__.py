"""What a run is: validated, frozen specs read from JSON. Never imports torch."""
