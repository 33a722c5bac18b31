"""Passwords, on both databases."""
