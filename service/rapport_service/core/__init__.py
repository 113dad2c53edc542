"""Database, settings, clock, keys and logging that every room uses."""
