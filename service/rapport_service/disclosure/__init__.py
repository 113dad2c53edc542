"""Disclosure control: rules for the groups of a release, by counts alone. Pure."""
