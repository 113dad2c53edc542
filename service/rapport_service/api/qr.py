"""QR codes (ISO/IEC 18004) as pictures."""

from io import BytesIO

import segno

MODULE_PIXELS = 4
"""Pixels a side of a module."""


def qr_svg(code: str) -> str:
    """An enrolment code as an SVG document, black on white, with its quiet zone.

    In capitals, which people may type as well, a code needs a smaller symbol.
    """
    drawn = BytesIO()
    segno.make_qr(code.upper(), error="m").save(
        drawn, kind="svg", scale=MODULE_PIXELS, light="white", xmldecl=False, nl=False
    )
    return drawn.getvalue().decode()
