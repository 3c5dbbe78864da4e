"""Payloads for the page: features, pictures, differences, columns."""
