"""Stories of users of the page, run in a real browser."""
