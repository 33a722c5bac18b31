"""The rules, without database and server."""
