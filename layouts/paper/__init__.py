"""Printed and exported content: briefings, sheets, maps."""
