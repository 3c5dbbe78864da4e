"""Worlds as things people have: entries of the library, and edits of a world as pure data."""
