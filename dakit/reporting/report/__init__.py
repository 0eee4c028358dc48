"""The report of one run: its sections, and the page that holds them."""
