"""Serves a small agency for the phone's tests until its standard input ends.

Prints one JSON document: the address, a code for each person, and the wave's dates.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.agency import CASEWORKERS, DIRECTOR, ROOT, create_agency, mint_codes
from demo.installation import Installation
from demo.server import Server
from demo.wave_steps import print_progress
from demo.waves import plan_wave

TEAM = "north-intake"
"""The team whose people have phones."""

FAST_COMMAND_SECONDS = 2.0
"""Seconds that a command takes where the wave may be as short as asked for."""


def main() -> None:
    """Plans a wave of as many seconds to draw, answer and send as the arguments say."""
    with TemporaryDirectory(prefix="rapport-phone-") as folder:
        installation = Installation.inside(Path(folder))
        with Server(installation) as server:
            create_agency(installation, ROOT)
            people = CASEWORKERS[TEAM]
            codes = mint_codes(installation, ROOT, *people)
            reading = installation.rapport("codes", "mint", ROOT, DIRECTOR, "--reading")
            # A computer that is slow now needs a longer wave.
            slowness = max(1.0, installation.command_seconds / FAST_COMMAND_SECONDS)
            draw, answer, send = (
                timedelta(seconds=slowness * float(each)) for each in sys.argv[1:4]
            )
            wave = plan_wave(installation, ROOT, draw=draw, answer=answer, send=send)
            document = {
                "url": server.url,
                "codes": [codes[person] for person in people],
                "reading_code": reading.split("\t")[1],
                "wave_id": wave.id,
                "opens_at": wave.opens_at.timestamp(),
                "closes_at": wave.closes_at.timestamp(),
                "seals_at": wave.seals_at.timestamp(),
            }
            print_progress(json.dumps(document))
            sys.stdin.read()


if __name__ == "__main__":
    main()
