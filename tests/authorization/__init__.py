"""The home of the authorization matrix: every field of the schema, asked by every kind of caller."""
