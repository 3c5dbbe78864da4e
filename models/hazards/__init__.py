"""Hazards: intensity fields, fragility curves, ground motion."""
