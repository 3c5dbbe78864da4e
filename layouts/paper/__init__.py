"""What is printed or sent: briefings, sheets, maps."""
