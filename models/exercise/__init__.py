"""Exercises: a plan of timed injects, a run as a log of lines, predictions and their reveal."""
