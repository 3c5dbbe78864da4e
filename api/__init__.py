"""HTTP for machines and for the page's immutable files; as thin as the callbacks."""
