"""Adapters between files and the domain; every check of foreign data happens here, once."""
