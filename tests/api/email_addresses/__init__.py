"""E-mail addresses, on both databases."""
