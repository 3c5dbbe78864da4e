"""JSON documents: scenarios, exercises, outcomes and results."""
