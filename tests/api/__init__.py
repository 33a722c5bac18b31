"""The operations, on both databases."""
