"""Compiled cascades that only ask who is lost."""
