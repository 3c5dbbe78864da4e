"""Scenarios, exercises, outcomes and results as files."""
