"""Offers the components that dakit ships."""
