"""E-mail addresses: how they are proved and changed."""
