"""Databases of their own, for tests that build them up and tear them down."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from rapport_service.app import create_app
from rapport_service.blindsign.keys import KeyMaker
from rapport_service.core.db import create_database_file, db
from rapport_service.core.settings import Settings
from tests.support.service import ManualClock, ServiceHarness

SECRET = bytes(range(32))


@contextmanager
def open_service(url: str, make_key: KeyMaker) -> Iterator[ServiceHarness]:
    """A service on a database, migrated or not."""
    clock = ManualClock()
    with TemporaryDirectory() as parent:
        settings = Settings(SECRET, url, (Path(parent, "sealing-keys"),))
        app = create_app(settings, clock=clock, make_key=make_key)
        with app.app_context():
            create_database_file(db.engine)
            yield ServiceHarness(app, clock)
            db.engine.dispose()
