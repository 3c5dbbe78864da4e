"""Exercises: plans, runs, views, papers."""
