"""The comparison of runs: grouped, summarised, beside published numbers, on one page."""
