"""Files for others: exports, warnings, briefings."""
