"""Changes to a scenario."""
