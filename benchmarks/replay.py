"""Replay of real answers through the running service, with a comparison of scores.

Run by ``make replay``. Exit status 1 where a score differs from an independent
implementation's or is not presented as it must be, 2 where there are no data.
"""

import math
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from benchmarks import comparison, golden
from benchmarks.golden import Respondent
from benchmarks.golden_tables import FOLDER
from demo.agency import create_client, mint_codes
from demo.fleet import Fleet, get_open_pulse
from demo.installation import Installation
from demo.server import Server, end_by_signal
from demo.wave_steps import draw, enrol, print_progress, read_scores, send
from demo.waves import Wave, plan_wave
from rapport_client import Client, FieldDevice, Score, Team, Transport

ORGANIZATION = "lq2002"
TOLERANCE = 1e-9


class PresetFormDevice(FieldDevice):
    """Device that shows the form that its person saw, instead of a random one."""

    form: int

    def _choose_form(self, forms: int) -> int:
        if not 0 <= self.form < forms:
            raise ValueError(f"there is no form {self.form}")
        return self.form


class RespondentFleet(Fleet):
    """The devices of the people in the data."""

    def __init__(
        self, folder: Path, server: str, people: Mapping[str, Respondent]
    ) -> None:
        super().__init__(folder, server)
        self._people = people

    def device(self, person: str, transport: Transport) -> FieldDevice:
        """Open a person's device, with the form that they saw."""
        device = PresetFormDevice(self.file(person), self.server, transport=transport)
        device.form = self._people[person].form
        return device

    def answer(self, person: str, device: FieldDevice) -> None:
        """Give a person's answers to the pulse that is open on their device."""
        pulse = get_open_pulse(device)
        answers = self._people[person].answers
        device.answer(pulse, {each.id: answers[each.id] for each in pulse.questions})


def main() -> int:
    """Play the data and compare; return the exit status."""
    end_by_signal()
    data = FOLDER
    if not data.joinpath(golden.ANSWERS).is_file():
        print_progress(
            f"there are no real answers in {data}; RAPPORT_GOLDEN names their folder"
        )
        return 2
    people, expected = golden.load_respondents(data), golden.load_reference_scores(data)
    with TemporaryDirectory(prefix="rapport-replay-") as folder:
        with Server(Installation.inside(Path(folder))) as server:
            fleet = RespondentFleet(Path(folder, "devices"), server.url, people)
            wave, shown = play(server, fleet, people)
        teams = {UUID(team.id): team.external_id for team in shown}
        stored = comparison.load_stored_scores(
            server.installation.database, wave.id, teams
        )
    error = comparison.largest_error(stored, expected)
    errors = comparison.find_presentation_errors(stored, shown)
    print(*errors, sep="\n", end="\n" if errors else "")
    print(
        f"replay: {len(people)} people, {len(teams)} teams, {len(stored)} scores, "
        f"max error {error:.1e}"
    )
    return 0 if error <= TOLERANCE and not errors else 1


def play(
    server: Server, fleet: RespondentFleet, people: Mapping[str, Respondent]
) -> tuple[Wave, dict[Team, Score]]:
    """Play one wave in an empty service; return it and the scores of the API."""
    installation = server.installation
    installation.rapport(
        "organization", "create", ORGANIZATION, "--name", "Replay", "--time-zone", "UTC"
    )
    program = create_client(installation, ORGANIZATION, "replay")
    with Client(server.url, program.client_id, program.secret) as api:
        api.roster.put(golden.roster(people))
        codes = mint_codes(installation, ORGANIZATION)
        enrolment_seconds = enrol(fleet, {person: codes[person] for person in people})
        wave = _plan(installation, enrolment_seconds)
        draw(fleet, people, api, wave)
        fleet.each(people, fleet.answer)
        print_progress(f"{len(people)} people answered")
        send(fleet, people, wave)
        scores = read_scores(api, wave)
    return wave, {team: score for team, score in scores.items() if team.parent_id}


def _plan(installation: Installation, enrolment_seconds: float) -> Wave:
    """Plan a wave that fits the speed of the machine, by the time that enrolment took.

    Drawing, answering and sending take five times as long on an idle machine. On a busy
    one they take less than that, since enrolling is what suffers most; the rest is for
    a machine that gets busy later.
    """
    span = max(140 + 3 * enrolment_seconds, 6 * enrolment_seconds)
    online = timedelta(seconds=math.ceil(0.65 * span))  # to draw and to answer
    rest = timedelta(seconds=math.ceil(0.35 * span))  # to send, or begin earlier
    print_progress(f"planning a wave of {(online + rest).seconds} s")
    return plan_wave(
        installation, ORGANIZATION, draw=timedelta(seconds=1), answer=online, send=rest
    )


if __name__ == "__main__":
    sys.exit(main())
