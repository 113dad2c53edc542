"""State machine of organizations and waves: what is due by now, one step at a time."""
