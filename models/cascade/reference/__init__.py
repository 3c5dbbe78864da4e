"""The reference engine: slow and readable; other engines must equal it."""
