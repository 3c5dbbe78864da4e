"""The knowledge tables and their readers."""
