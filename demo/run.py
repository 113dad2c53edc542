"""Serves a small agency with scores and an open wave. Run by ``make run``."""

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
    """Serves until Ctrl-C or a signal; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("port", type=int, help="the port on 127.0.0.1")
    port = parser.parse_args().port
    end_by_signal()
    try:
        serve(Installation(DATA_FOLDER), port)
    except PortTakenError as error:
        print_progress(f"{error}. Choose another port: make run PORT=8001")
        return 2
    except ServiceStoppedError as error:
        print_progress(str(error))
        return 1
    except KeyboardInterrupt:
        print_progress("Rapport has stopped. To start it again: make run")
    return 0


def serve(installation: Installation, port: int) -> None:
    """Seeds the agency on the first start, prints the next steps, and serves."""
    credentials = installation.folder / "director"
    if not credentials.exists():
        for unfinished in installation.folder.glob("rapport.db*"):
            unfinished.unlink()
        with Server(installation, port=port) as server:
            seed(server, credentials)
    director = Credentials(*credentials.read_text().split("\t"))
    with Server(installation, port=port, tick_seconds=TICK_SECONDS) as server:
        # After weeks without it, waves would wait an hour for the clock.
        installation.rapport("tick", "--confirm-clock")
        person = secrets.choice(ALL_CASEWORKERS)
        code = mint_codes(installation, ROOT, person)[person]
        with Client(server.url, director.client_id, director.secret) as client:
            teams = {team.external_id: team for team in client.teams.list()}
        print_progress(
            welcome_text(server.url, person, code, director, teams[SAMPLE_TEAM])
        )
        server.serve_forever()


def seed(server: Server, credentials_path: Path) -> None:
    """Creates the agency, plays a wave to its seal, opens another, and plans a pulse.

    Args:
        server: has no agency yet.
        credentials_path: where to write the director's credentials, as the last step.
    """
    installation = server.installation
    print_progress(
        "First start: a small agency is created and answers one wave."
        " It takes about a minute."
    )
    director = create_agency(installation, ROOT)
    with (
        TemporaryDirectory(prefix="rapport-run-") as folder,
        Client(server.url, director.client_id, director.secret) as client,
    ):
        fleet = Fleet(Path(folder), server.url)
        codes = mint_codes(installation, ROOT, *ALL_CASEWORKERS)
        wave = plan_short_wave(installation, ROOT, enrol(fleet, codes))
        draw(fleet, ALL_CASEWORKERS, client, wave)
        wait_until(wave.opens_at)
        fleet.each(RESPONDENTS, answer)
        send(fleet, RESPONDENTS, wave)
        read_scores(client, wave)
    week = timedelta(days=7)
    wave = plan_wave(
        installation, ROOT, draw=timedelta(seconds=2), answer=week, send=week
    )
    next_opening = (wave.opens_at + 2 * week).strftime("%Y-%m-%dT09:00")
    installation.rapport("pulse", "create", ROOT, "--first-opens", next_opening)
    wait_until(wave.opens_at)
    _save_credentials(credentials_path, director)


def _save_credentials(path: Path, director: Credentials) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(file, "w") as stream:
        stream.write("\t".join(astuple(director)))


if __name__ == "__main__":
    sys.exit(main())
