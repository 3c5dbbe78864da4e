"""The knowledge graph: its vocabulary, a world and an outcome as RDF, questions, checks."""
