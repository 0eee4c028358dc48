"""The components dakit ships, offered through the same hooks as everybody else's."""
