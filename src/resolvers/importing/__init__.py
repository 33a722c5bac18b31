"""Taking in many records at once, a module for each kind."""
