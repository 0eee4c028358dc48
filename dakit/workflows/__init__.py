"""One story a file, named as the command that tells it."""
