"""Further terms of the total loss."""
