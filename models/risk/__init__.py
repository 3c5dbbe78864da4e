"""Risk decisions: options on criteria, their weights and flips, economic loss, sets of measures."""
