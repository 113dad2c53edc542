"""Planning and transitions of waves. Never sees the poll book."""
