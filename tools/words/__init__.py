"""Vocabulary checker: names, docstrings and the glossary against the naming rules.

``python -m tools.words`` counts, ``python -m tools.words --list`` shows each hit with
the standard term to use. ``idiom`` is the table of refused words, ``names`` reads a
source file, ``rules`` compares the two, ``glossary`` holds the glossary to the code.
"""
