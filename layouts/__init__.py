"""What the page looks like: pure functions from the domain to components and figures."""
