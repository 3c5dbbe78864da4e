"""Worlds as things people have: entries of the library."""
