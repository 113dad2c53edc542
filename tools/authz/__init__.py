"""Authorization: every operation asked by every kind of caller, against a table."""
