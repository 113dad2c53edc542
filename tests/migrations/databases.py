"""Databases of their own, for tests that build them up and tear them down."""

from collections.abc import Iterator
from contextlib import contextmanager

from rapport_service.app import create_app
from rapport_service.blindsign.keys import KeyMaker
from rapport_service.db import db
from rapport_service.settings import Settings
from tests.house_under_test import House, TurnableClock

SECRET = bytes(range(32))


@contextmanager
def house_on(url: str, make_key: KeyMaker) -> Iterator[House]:
    """A service on a database, migrated or not."""
    clock = TurnableClock()
    app = create_app(Settings(SECRET, url), clock=clock, make_key=make_key)
    with app.app_context():
        yield House(app, clock)
        db.engine.dispose()
