"""Hazards: curves, intensity fields, what they do to assets and links, common causes."""
