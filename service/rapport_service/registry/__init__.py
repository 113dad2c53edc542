"""Registry of waves: rows that every room may know."""
