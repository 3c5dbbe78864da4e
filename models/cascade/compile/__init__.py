"""What the compiled kernels have in common: numba settings, references, prefetching."""
