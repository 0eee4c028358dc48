"""Domain adaptation of feature vectors, fitted at once and not by steps, as components of dakit."""
