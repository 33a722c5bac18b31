"""What the rules need from the world: the time, and slow hashes."""
