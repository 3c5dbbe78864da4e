"""Geometry: areas, distances, neighbours."""
