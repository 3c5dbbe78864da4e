"""Foreign sources that become tables of a world."""
