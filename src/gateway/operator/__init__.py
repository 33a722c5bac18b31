"""What an operator sets and is told: settings, what is wrong with them, the log."""
