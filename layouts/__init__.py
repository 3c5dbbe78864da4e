"""The page's appearance: pure functions from the domain to components and payloads."""
