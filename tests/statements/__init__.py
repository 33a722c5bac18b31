"""The home of the count of statements: what the drivers send for an operation, BEGIN and COMMIT included."""
