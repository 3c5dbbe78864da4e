"""Cascade engines: ``reference`` is the specification; faster ones must equal it."""
