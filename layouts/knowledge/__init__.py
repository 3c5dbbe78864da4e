"""Pages about the vocabulary and about things of the knowledge graph, for people."""
