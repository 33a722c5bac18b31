"""Mails, on both databases."""
