"""Promises of docs/security.md, each with a guard and the test that fails without it."""
