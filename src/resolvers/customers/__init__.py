"""Customers: who has the business relationship with the shop."""
