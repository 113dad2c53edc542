"""The device's memory: one SQLite file in which nothing is lost or half-written."""
