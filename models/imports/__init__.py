"""From what importers read to one world: matching, dependencies, people served."""
