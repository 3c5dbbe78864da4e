"""Adapters between files and the domain; foreign data is validated here, once."""
