"""What is learned from the source labels."""
