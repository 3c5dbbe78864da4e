"""Hazards: intensity fields, curves, ground motion, attacks, common causes."""
