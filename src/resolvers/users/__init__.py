"""Users: who signs in and acts for a customer."""
