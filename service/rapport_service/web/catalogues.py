"""Catalogues of texts, made lighter: phones fetch their keys once for all languages."""

import re

FIRST = "messages/en.js"
"""The catalogue whose keys the others share."""

_CATALOGUE = re.compile(r"messages/(?P<language>[a-z]{2})\.js")
_ENTRY = re.compile(r'^  ("[\w.]+"): (.*),$', re.MULTILINE)


def is_catalogue(path: str) -> bool:
    """Whether a module is a catalogue that may share its keys."""
    return path != FIRST and _CATALOGUE.fullmatch(path) is not None


def share_keys(source: str, first: str) -> str:
    """A catalogue that takes its keys from the first one, and has its texts in a list.

    Raises:
        ValueError: the two have not the same keys.
    """
    texts, keys = (
        dict(_ENTRY.findall(source)),
        [key for key, _ in _ENTRY.findall(first)],
    )
    if not keys or texts.keys() != set(keys):
        raise ValueError(f"not the keys of both: {sorted(texts.keys() ^ set(keys))}")
    listed = ",".join(texts[key] for key in keys)
    return (
        'import english from "./en.js";\n'
        "export default Object.fromEntries(((texts) => Object.keys(english)"
        f".map((key, at) => [key, texts[at]]))([{listed}]));\n"
    )
