"""The content of briefings and warnings, without a format."""
