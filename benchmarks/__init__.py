"""Timings on stated sizes, as ratios in one process where a peer can answer; never a test."""
