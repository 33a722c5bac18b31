"""Orders: what customers bought."""
