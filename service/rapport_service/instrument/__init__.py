"""Instruments: question bank, forms, scoring key, parser of answers. Pure."""
