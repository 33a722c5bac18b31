"""Sessions, on both databases."""
