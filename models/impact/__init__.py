"""What a cascade means for people and services."""
