"""What is stored: tables, engines, SQL constructs and migrations. Imports nothing of the other packages."""
