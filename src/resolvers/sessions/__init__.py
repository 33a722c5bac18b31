"""Sessions: where users are signed in."""
