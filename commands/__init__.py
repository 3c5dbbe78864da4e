"""Commands of ``cli.py``: a module for each kind, imported when one of its commands runs."""
