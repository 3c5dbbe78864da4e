"""What is prepared once and kept: compiled kernels, arrays of worlds."""
