"""Mock galaxies: drawn by dakit from simple physics, for trying things out; never real data."""
