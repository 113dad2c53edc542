"""Serves a small agency that has scores and an open wave. Run by ``make run``."""

import argparse
import os
import secrets
import sys
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.agency import EVERYBODY, ROOT, Credentials, found, mint_codes
from demo.answering import RESPONDENTS, answer
from demo.fleet import Fleet
from demo.installation import Installation
from demo.playing import draw, enrol, read_scores, say, send
from demo.server import PortTakenError, Server, ServiceStoppedError, end_by_signal
from demo.waves import plan, plan_seconds, wait_until
from demo.welcome import welcome
from rapport_client import Client

DATA = Path("var")
TICK_SECONDS = 5
SHOWN = "north-intake"


def main() -> int:
    """Serves until it is told to stop; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("port", type=int)
    port = parser.parse_args().port
    end_by_signal()
    try:
        serve(Installation(DATA), port)
    except PortTakenError as error:
        say(f"{error}. Choose another one: make run PORT=8001")
        return 2
    except ServiceStoppedError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped")
    return 0


def serve(house: Installation, port: int) -> None:
    """Seeds the agency on the first start, says what to try, and serves."""
    kept = house.folder / "director"
    if not kept.exists():
        for unfinished in house.folder.glob("rapport.db*"):
            unfinished.unlink()
        with Server(house, port=port) as server:
            seed(server, kept)
    director = Credentials(*kept.read_text().split("\t"))
    with Server(house, port=port, tick_seconds=TICK_SECONDS) as server:
        person = secrets.choice(EVERYBODY)
        code = mint_codes(house, ROOT, person)[person]
        with Client(server.url, director.client_id, director.secret) as client:
            teams = {team.external_id: team for team in client.teams()}
        say(welcome(server.url, person, code, director, teams[SHOWN]))
        server.stay()


def seed(server: Server, kept: Path) -> None:
    """Founds the agency, plays a wave to its seal, opens one for a week, and a pulse.

    Args:
        server: has no agency yet.
        kept: where to keep the director's credentials, which are written last.
    """
    house = server.installation
    say("first start: founding a small agency and playing one wave, about a minute")
    director = found(house, ROOT)
    with (
        TemporaryDirectory(prefix="rapport-run-") as folder,
        Client(server.url, director.client_id, director.secret) as client,
    ):
        fleet = Fleet(Path(folder), server.url)
        measure = enrol(fleet, mint_codes(house, ROOT, *EVERYBODY))
        wave = plan_seconds(house, ROOT, measure)
        draw(fleet, EVERYBODY, client, wave)
        wait_until(wave.opens_at)
        fleet.each(RESPONDENTS, answer)
        send(fleet, RESPONDENTS, wave)
        read_scores(client, wave)
    week = timedelta(days=7)
    wave = plan(house, ROOT, draw=timedelta(seconds=2), answer=week, send=week)
    next_one = (wave.opens_at + 2 * week).strftime("%Y-%m-%dT09:00")
    house.rapport("pulse", "create", ROOT, "--first-opens", next_one)
    wait_until(wave.opens_at)
    _keep(kept, director)


def _keep(path: Path, director: Credentials) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(file, "w") as opened:
        opened.write("\t".join(astuple(director)))


if __name__ == "__main__":
    sys.exit(main())
