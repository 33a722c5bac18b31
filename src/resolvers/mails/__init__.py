"""Mails: what is written to whom, and when."""
