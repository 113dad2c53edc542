"""Charters: the rules of a wave, published before anybody answers. Pure."""
