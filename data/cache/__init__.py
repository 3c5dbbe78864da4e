"""Caches on disk: compiled kernels, arrays of worlds."""
