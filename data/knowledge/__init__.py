"""The knowledge tables and what reads them."""
