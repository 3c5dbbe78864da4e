"""What ``cli.py`` does: a module for each kind of command, read once one of its is chosen."""
