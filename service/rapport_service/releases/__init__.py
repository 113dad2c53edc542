"""Seal of a wave, its immutable release, and the history of earlier ones."""
