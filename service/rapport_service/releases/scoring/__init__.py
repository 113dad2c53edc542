"""From the answers of a sealed wave to what is released: pure functions over blocks.

Counts decide what may be shown (`allowed`); answers decide only the figures inside.
"""
