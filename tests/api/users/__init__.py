"""Users, on both databases."""
