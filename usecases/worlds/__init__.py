"""The library of worlds: what users do with them."""
