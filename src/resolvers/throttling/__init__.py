"""How often something may be tried, and who waits."""
