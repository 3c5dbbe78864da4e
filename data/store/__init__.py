"""The database: scenarios, exercises, sessions, accounts, backups."""
