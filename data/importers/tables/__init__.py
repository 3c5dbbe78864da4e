"""Foreign tables and GIS layers: which column is what, and what a row becomes."""
