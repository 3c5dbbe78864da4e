"""The reference engine: slow, readable, the truth."""
