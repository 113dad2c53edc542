"""The application: settings in, a Flask app out. Nothing here reads the environment."""

import logging
import os
import sys
from uuid import uuid4

from flask import Flask, Response, g, request

from rapport_service import log, readiness
from rapport_service.api import (
    ballot_box,
    ballots,
    clients,
    codes,
    coding,
    devices,
    enrolment,
    health,
    ids,
    markers,
    organization,
    problems,
    pulses,
    reference,
    releases,
    roster,
    sustainment,
    teams,
    waves,
)
from rapport_service.api.problems import BALLOT_BOX, HEALTH
from rapport_service.blindsign.keys import KeyMaker, make_key
from rapport_service.clock import Clock, system_clock
from rapport_service.db import db, prepare_engine
from rapport_service.keyring import Keyring
from rapport_service.settings import Settings, SettingsInvalidError
from rapport_service.wiring import EXTENSION, Wiring, wiring

SILENT = {None, BALLOT_BOX, HEALTH}
"""Blueprints, and what is none, whose requests leave no log line."""

CONNECT_SECONDS = 5
"""How long a request waits for a connection to the database."""

NO_USE_IN_RETRYING = 4
"""The exit status of a worker that makes gunicorn end, not start it again."""

requests = logging.getLogger("rapport_service.requests")
starting = logging.getLogger("rapport_service.starting")


def create_app(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    make_key: KeyMaker = make_key,
) -> Flask:
    """Builds the service.

    Args:
        settings: what it is told from outside.
        clock: tells the time.
        make_key: makes ballot keys.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # one address a resource, and no redirects
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings)
    app.config["SQLALCHEMY_RECORD_QUERIES"] = False
    app.extensions[EXTENSION] = Wiring(clock, Keyring.derive(settings.secret), make_key)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    problems.register(app)
    ids.register(app)
    for resource in (
        enrolment,
        ballots,
        ballot_box,
        teams,
        sustainment,
        roster,
        health,
        codes,
        devices,
        clients,
        pulses,
        waves,
        markers,
        releases,
        organization,
        reference,
    ):
        app.register_blueprint(resource.blueprint)
    app.before_request(_name_request)
    app.after_request(_log_request)
    app.after_request(coding.send)
    return app


def from_environment() -> Flask:
    """The app that gunicorn serves: settings from ``RAPPORT_*``, logs as JSON.

    Bad settings, and a secret that is not the database's, are told in one line and end
    the server. A database that is not there or not migrated yet is told and waited for.
    """
    log.configure()
    try:
        app = create_app(Settings.from_env(os.environ))
        with app.app_context():
            readiness.check_secret(wiring().keyring)
            _tell_unless_ready()
            db.engine.dispose()  # a server that loads the app first forks after this
    except (SettingsInvalidError, readiness.OtherSecretError) as error:
        starting.critical("does not start", extra={"reason": str(error)})
        sys.exit(NO_USE_IN_RETRYING)
    return app


def _tell_unless_ready() -> None:
    try:
        readiness.check(wiring().keyring)
    except readiness.NotReadyError as error:
        starting.warning("not ready yet", extra={"reason": str(error)})


def _engine_options(settings: Settings) -> dict[str, object]:
    # Error messages must not quote what somebody answered.
    options: dict[str, object] = {"hide_parameters": True}
    if settings.database_url.startswith("postgresql"):
        options["pool_pre_ping"] = True
        options["pool_timeout"] = CONNECT_SECONDS
        options["connect_args"] = {
            # PgBouncer in transaction mode cannot keep prepared statements.
            "prepare_threshold": None,
            # A server that swallows packets is noticed, new or in use, in seconds.
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": 10_000,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
    return options


def _name_request() -> None:
    g.request_id = uuid4().hex


def _log_request(response: Response) -> Response:
    """One line a request, without address, path or body; none for the silent."""
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.blueprint not in SILENT:
        requests.info(
            "request",
            extra={
                "request_id": g.request_id,
                "method": request.method,
                "route": str(request.url_rule),
                "status": response.status_code,
            },
        )
    return response
