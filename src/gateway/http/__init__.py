"""HTTP: from a connection to a GraphQL answer."""
