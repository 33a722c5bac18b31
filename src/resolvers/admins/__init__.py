"""Admins: staff of the shop operator, and the API keys of its systems."""
