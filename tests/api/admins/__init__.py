"""Admins, on both databases."""
