"""Pulses: charter, questions, and the freezing of answers."""
