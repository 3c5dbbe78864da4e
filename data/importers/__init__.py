"""Importers: foreign sources → tables of a world."""
