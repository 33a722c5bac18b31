"""What the areas' rules are made of: forms of fields, violations, errors, codes and texts. Pure."""
