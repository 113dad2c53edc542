"""Blind signatures (RFC 9474) and the ballot's exact bytes. Pure but for randomness."""
