"""CSV columns of reports."""
