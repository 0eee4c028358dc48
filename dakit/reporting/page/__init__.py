"""The look that all pages share: one file, light and dark, for screen, phone and print."""
