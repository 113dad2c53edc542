"""Ballots and their keys: blinded, signed by the service, finished on the device."""
