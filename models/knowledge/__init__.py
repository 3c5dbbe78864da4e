"""Rules about what needs what, and how complete a world is."""
