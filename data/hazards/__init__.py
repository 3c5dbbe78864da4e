"""Files of hazards: tables of curves, and fields of intensity."""
