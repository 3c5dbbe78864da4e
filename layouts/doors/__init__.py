"""Pages before the page: sign-in and the public map."""
