"""Documents as tables: their columns, as CSV and as text for people. Pure."""
