"""How fast the gateway is, and against what: `make bench`."""
