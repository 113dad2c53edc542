"""CSV columns of reports and rosters."""
