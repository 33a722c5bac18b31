"""`gateway import`: files, rules, interruptions, damage and figures."""
