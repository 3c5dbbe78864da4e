"""Worlds from files: read, checked, built."""
