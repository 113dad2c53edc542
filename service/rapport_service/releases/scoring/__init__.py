"""Scoring: from the answers of a sealed wave to the documents of its release. Pure.

Counts decide what may be shown (`release_plan`); answers decide only the figures.
"""
