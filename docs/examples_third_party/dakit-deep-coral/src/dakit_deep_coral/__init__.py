"""The transfer loss deep_coral for dakit."""
