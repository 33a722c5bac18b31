"""Payment instruments, on both databases."""
