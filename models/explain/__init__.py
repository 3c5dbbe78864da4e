"""Why something failed, and what would have saved it."""
