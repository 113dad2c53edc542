"""Benchmark of reports by the number of answers: ``make bench-reports``.

Two agencies in one PostgreSQL, alike but for the number of answers in each wave: ten
thousand and ten million. The trend of one team is read of each in turn, through the
whole application. Exit status 1 where statements or rows differ, or where the larger
one's median takes more than half as long again.
"""

import platform
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks import reported_waves as waves
from benchmarks.query_meter import BenchmarkCase, Meter, run_interleaved
from benchmarks.simulated_people import QUESTIONS_PER_PERSON
from demo.wave_steps import print_progress
from rapport_service.app import create_app
from rapport_service.core.db import db
from rapport_service.core.settings import Settings
from rapport_service.migrate import upgrade
from tests.support.keys import store_keys
from tests.support.postgres import PostgreSQL
from tests.support.service import Agency, ManualClock, ServiceHarness

WAVES = 2
FACTOR = 1000
ROUNDS, WARM_UP_ROUNDS = 300, 30
MAX_TIME_RATIO = 1.5

LOADED_DATA_NOTE = """\
the smaller: one row a person among the submissions, then the seal as it always runs;
the larger: one row a person where a seal leaves answers and counted ballots, and the
release made and stored by what the seal makes and stores it with, from these rows"""
"""Note on the data that were loaded, for the report."""


def main() -> int:
    """Load, measure and print; return the exit status."""
    with PostgreSQL() as server, TemporaryDirectory() as parent:
        clock = ManualClock()
        url = server.create_database("rapport")
        folder = Path(parent, "sealing-keys")
        app = create_app(Settings(secrets.token_bytes(32), url, (folder,)), clock=clock)
        with app.app_context():
            upgrade(db.engine)
            store_keys()
            service = ServiceHarness(app, clock)
            small = load_agency(service, "smaller", waves.seal_small)
            large = load_agency(
                service, "larger", lambda agency, n: waves.seal_large(agency, n, FACTOR)
            )
            status = measure_trends(small, large)
            db.engine.dispose()
    return status


def load_agency(
    service: ServiceHarness, name: str, seal: Callable[[Agency, int], None]
) -> Agency:
    """Return an agency with its waves sealed."""
    service.clock.reset()
    agency = service.agency(waves.teams(), waves.parents(), organization_id=name)
    for number in range(WAVES):
        started = time.monotonic()
        seal(agency, number)
        seconds = time.monotonic() - started
        print_progress(
            f"{name}: wave {number + 1} of {WAVES} sealed in {seconds:.0f} s"
        )
    return agency


def measure_trends(small: Agency, large: Agency) -> int:
    """Read the trends alternately and compare their costs."""
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        version = connection.execute(text("SHOW server_version")).scalar_one()
    meter = Meter(db.engine)
    cases = [trend_case(agency) for agency in (small, large)]
    run_interleaved(meter, cases, ROUNDS, WARM_UP_ROUNDS)
    print(
        f"Python {platform.python_version()}, PostgreSQL {version}, "
        f"{WAVES} waves each, {ROUNDS} requests each in turn\n"
        f"{'':12}{'answers a wave':>16}{'rows stored':>14}{'statements':>12}"
        f"{'rows':>6}{'median ms':>11}"
    )
    for agency, case in zip((small, large), cases, strict=True):
        people = count_stored_people(agency)
        print(
            f"{case.name:12}{people // WAVES * QUESTIONS_PER_PERSON:16,}{people:14,}"
            f"{case.statements:>12}{case.rows:>6}{case.median_ms:11.2f}"
        )
    print(LOADED_DATA_NOTE)
    line, status = compare_costs(*cases)
    print(line)
    return status


def compare_costs(small: BenchmarkCase, large: BenchmarkCase) -> tuple[str, int]:
    """Return the last line to print, and the exit status."""
    is_equal = small.costs == large.costs and len(small.costs) == 1
    sign = "=" if is_equal else "/="
    ratio = large.median_ms / small.median_ms
    line = (
        f"bench-reports: statements {small.statements} {sign} {large.statements}, "
        f"rows {small.rows} {sign} {large.rows}, median time ratio {ratio:.2f}"
    )
    return line, 0 if is_equal and ratio <= MAX_TIME_RATIO else 1


def trend_case(agency: Agency) -> BenchmarkCase:
    """Requests of one team's trend; each must be the whole one."""
    bearer = {"Authorization": f"Bearer {agency.admin_token()}"}
    path = f"/v1/teams/{agency.team_id(waves.TEAM)}/trend"

    def request() -> None:
        reply = agency.service.http.get(path, headers=bearer)
        points = reply.get_json()["waves"]
        assert [point["status"] for point in points] == ["released"] * WAVES

    return BenchmarkCase(agency.id, request)


def count_stored_people(agency: Agency) -> int:
    """Count the people whose answers the database holds."""
    counted = text("SELECT count(*) FROM answers WHERE organization_id = :agency")
    with db.engine.connect() as connection:
        return int(connection.execute(counted, {"agency": agency.id}).scalar_one())


if __name__ == "__main__":
    sys.exit(main())
