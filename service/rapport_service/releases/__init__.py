"""Sealing a wave, publishing its release, reading earlier ones."""
