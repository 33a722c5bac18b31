"""Passwords: how they are changed and reset."""
