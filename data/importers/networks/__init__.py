"""Network models of other programs: power, water, public transport."""
