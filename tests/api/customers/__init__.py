"""Customers, on both databases."""
