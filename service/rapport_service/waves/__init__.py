"""The life of a wave after its announcement. Never sees the poll book."""
