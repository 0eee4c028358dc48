"""Backbones from torchvision and timm, as components of dakit."""
