"""Where things are: areas, neighbours."""
