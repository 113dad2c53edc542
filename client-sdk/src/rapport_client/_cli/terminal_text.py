"""Text that a terminal may be given: words of others cannot steer it."""


def escape_control_characters(text: str) -> str:
    """The text with every control character but the line feed made visible."""
    return "".join(
        each if each == "\n" or each.isprintable() else repr(each)[1:-1]
        for each in text
    )
