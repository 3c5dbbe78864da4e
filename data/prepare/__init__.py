"""Maintainers' scripts that turn raw extracts into the embedded worlds; nothing at run time."""
