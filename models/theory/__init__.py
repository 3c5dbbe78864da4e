"""Published models of cascades, small and separate: cross-checks, not the engine.

Each module is one school of models with its source; ``checks`` runs them on their published
cases. Their purpose, and how they differ from the engine: ``docs/theory.md``.
"""
