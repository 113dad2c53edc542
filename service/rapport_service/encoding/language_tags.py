"""Choice of a language by its tag: the look-up of RFC 4647, section 3.4. Pure."""

from collections.abc import Collection, Iterable


def look_up_language(wanted: Iterable[str], available: Collection[str]) -> str | None:
    """The first language that is available, each range shortened until one is.

    So ``es-MX``, ``es-419`` and ``ES`` find ``es``.

    Args:
        wanted: language ranges, the most wanted first; ``*`` finds nothing here.
        available: the tags to choose from.

    Returns:
        A tag as it stands in ``available``; None if no range finds one.
    """
    tags = {tag.lower(): tag for tag in available}
    for language_range in wanted:
        subtags = language_range.lower().split("-")
        while subtags:
            if (match := tags.get("-".join(subtags))) is not None:
                return match
            subtags.pop()
            if subtags and len(subtags[-1]) == 1:  # the x of es-x-north, say
                subtags.pop()
    return None
