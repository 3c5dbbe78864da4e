"""Stories of people who use the page, told to a real browser."""
