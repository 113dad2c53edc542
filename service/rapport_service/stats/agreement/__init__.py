"""Agreement within a team: indices and their critical values. Pure."""
