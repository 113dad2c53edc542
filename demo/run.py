"""Serves a small agency that has scores and an open wave. Run by ``make run``."""

import argparse
import os
import secrets
import sys
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.agency import ALL_CASEWORKERS, ROOT, Credentials, create_agency, mint_codes
from demo.fleet import Fleet
from demo.installation import Installation
from demo.server import PortTakenError, Server, ServiceStoppedError, end_by_signal
from demo.simulated_answers import RESPONDENTS, answer
from demo.wave_steps import draw, enrol, print_progress, read_scores, send
from demo.waves import plan_short_wave, plan_wave, wait_until
from demo.welcome import welcome_text
from rapport_client import Client

DATA_FOLDER = Path("var")
TICK_SECONDS = 5
SAMPLE_TEAM = "north-intake"


def main() -> int:
    """Serves until it is told to stop; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("port", type=int)
    port = parser.parse_args().port
    end_by_signal()
    try:
        serve(Installation(DATA_FOLDER), port)
    except PortTakenError as error:
        print_progress(f"{error}. Choose another one: make run PORT=8001")
        return 2
    except ServiceStoppedError as error:
        print_progress(str(error))
        return 1
    except KeyboardInterrupt:
        print_progress("stopped")
    return 0


def serve(installation: Installation, port: int) -> None:
    """Seeds the agency on the first start, says what to try, and serves."""
    kept = installation.folder / "director"
    if not kept.exists():
        for unfinished in installation.folder.glob("rapport.db*"):
            unfinished.unlink()
        with Server(installation, port=port) as server:
            seed(server, kept)
    director = Credentials(*kept.read_text().split("\t"))
    with Server(installation, port=port, tick_seconds=TICK_SECONDS) as server:
        person = secrets.choice(ALL_CASEWORKERS)
        code = mint_codes(installation, ROOT, person)[person]
        with Client(server.url, director.client_id, director.secret) as client:
            teams = {team.external_id: team for team in client.teams()}
        print_progress(
            welcome_text(server.url, person, code, director, teams[SAMPLE_TEAM])
        )
        server.serve_forever()


def seed(server: Server, credentials_path: Path) -> None:
    """Founds the agency, plays a wave to its seal, opens one for a week, and a pulse.

    Args:
        server: has no agency yet.
        kept: where to keep the director's credentials, which are written last.
    """
    house = server.installation
    print_progress(
        "first start: founding a small agency and playing one wave, about a minute"
    )
    director = create_agency(house, ROOT)
    with (
        TemporaryDirectory(prefix="rapport-run-") as folder,
        Client(server.url, director.client_id, director.secret) as client,
    ):
        fleet = Fleet(Path(folder), server.url)
        measure = enrol(fleet, mint_codes(house, ROOT, *ALL_CASEWORKERS))
        wave = plan_short_wave(house, ROOT, measure)
        draw(fleet, ALL_CASEWORKERS, client, wave)
        wait_until(wave.opens_at)
        fleet.each(RESPONDENTS, answer)
        send(fleet, RESPONDENTS, wave)
        read_scores(client, wave)
    week = timedelta(days=7)
    wave = plan_wave(house, ROOT, draw=timedelta(seconds=2), answer=week, send=week)
    next_one = (wave.opens_at + 2 * week).strftime("%Y-%m-%dT09:00")
    house.rapport("pulse", "create", ROOT, "--first-opens", next_one)
    wait_until(wave.opens_at)
    _save_credentials(credentials_path, director)


def _save_credentials(path: Path, director: Credentials) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(file, "w") as opened:
        opened.write("\t".join(astuple(director)))


if __name__ == "__main__":
    sys.exit(main())
