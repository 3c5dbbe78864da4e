"""The domain: frozen values and pure functions. No file, clock, network or global."""
