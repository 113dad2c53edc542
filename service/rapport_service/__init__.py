"""Rapport: trust-and-communication pulses through two doors and a ballot."""
