"""Mails: their words, their form, their way to the server, and the pages that show them."""
