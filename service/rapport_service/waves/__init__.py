"""Planning, transitions and held content of waves. Never sees the poll book."""
