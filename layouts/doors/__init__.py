"""Separate pages: sign-in and the public map."""
