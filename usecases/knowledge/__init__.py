"""What other programs read of a world: its features, for OGC API Features."""
