"""Byte and time encodings. Pure."""
