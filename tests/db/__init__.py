"""What the databases must keep, both of them alike."""
