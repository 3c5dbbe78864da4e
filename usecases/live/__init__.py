"""Who looks at the same scenario, and what they are sent."""
