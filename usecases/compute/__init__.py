"""Outcomes and pictures, computed in worker processes and cached."""
