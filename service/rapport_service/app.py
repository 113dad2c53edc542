"""The application: settings in, a Flask app out. Nothing here reads the environment."""

import logging
import os
import sys
from collections.abc import Callable
from uuid import uuid4

from flask import Flask, Response, g, request

from rapport_service.api import (
    compression,
    docs_page,
    problem_pages,
    problems,
    url_converters,
)
from rapport_service.api.problems import BALLOT_BOX, HEALTH
from rapport_service.api.resources import (
    audit,
    ballot_box,
    ballots,
    clients,
    codes,
    devices,
    enrolment,
    health,
    markers,
    organization,
    people,
    pulses,
    releases,
    roster,
    sustainment,
    teams,
    waves,
)
from rapport_service.blindsign.keys import KeyMaker, make_key
from rapport_service.core import logging_config
from rapport_service.core.clock import Clock, system_clock
from rapport_service.core.data_keys import DataKeys, SecretMismatchError, Secrets
from rapport_service.core.db import db, prepare_engine
from rapport_service.core.dependencies import (
    EXTENSION,
    Dependencies,
    dependencies,
)
from rapport_service.core.seal_process import SealProcess, start_seal_process
from rapport_service.core.settings import Settings, SettingsInvalidError
from rapport_service.health import (
    NotReadyError,
    check,
    check_secret,
)
from rapport_service.web import phone_app
from rapport_service.web.phone_app import PHONE_APP

UNLOGGED_BLUEPRINTS = {None, BALLOT_BOX, HEALTH, PHONE_APP}
"""Blueprints, and what is none, whose requests leave no log line."""

CONNECT_TIMEOUT_SECONDS = 5
"""How long a request waits for a connection to the database."""

EXIT_APP_LOAD_ERROR = 4
"""The exit status of a worker that makes gunicorn end, not start it again."""

request_log = logging.getLogger("rapport_service.requests")
startup_log = logging.getLogger("rapport_service.starting")


def create_app(
    settings: Settings,
    *,
    clock: Clock = system_clock,
    make_key: KeyMaker = make_key,
    start_seal: Callable[[], SealProcess] = start_seal_process,
) -> Flask:
    """Builds the service.

    Args:
        settings: from the environment, or a test's.
        clock: the system's, or a test's.
        make_key: makes ballot keys.
        start_seal: starts the sealing job.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # one address a resource, and no redirects
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _engine_options(settings)
    app.config["SQLALCHEMY_RECORD_QUERIES"] = False
    app.extensions[EXTENSION] = Dependencies(
        clock=clock,
        data_keys=DataKeys(Secrets(settings.secret, settings.previous_secret), clock),
        make_key=make_key,
        sealing_folders=settings.sealing_folders,
        start_seal=start_seal,
    )
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    problems.register(app)
    url_converters.register(app)
    for resource in (
        enrolment,
        ballots,
        ballot_box,
        teams,
        sustainment,
        roster,
        health,
        people,
        codes,
        devices,
        clients,
        pulses,
        waves,
        markers,
        releases,
        organization,
        audit,
        docs_page,
        problem_pages,
        phone_app,
    ):
        app.register_blueprint(resource.blueprint)
    app.before_request(_assign_request_id)
    app.after_request(_log_request)
    app.after_request(compression.compress)
    return app


def from_environment() -> Flask:
    """The app that gunicorn serves: settings from ``RAPPORT_*``, logs as JSON.

    Bad settings, and a secret that is not the database's, are logged in one line and
    end the server. A database that is not there or not migrated yet is logged and
    waited for.
    """
    logging_config.configure()
    try:
        app = create_app(Settings.from_env(os.environ))
        with app.app_context():
            check_secret(dependencies().data_keys)
            _warn_unless_ready()
            db.engine.dispose()  # a server that loads the app first forks after this
    except (SettingsInvalidError, SecretMismatchError) as error:
        startup_log.critical("does not start", extra={"reason": str(error)})
        sys.exit(EXIT_APP_LOAD_ERROR)
    return app


def _warn_unless_ready() -> None:
    try:
        check(dependencies().data_keys)
    except NotReadyError as error:
        startup_log.warning("not ready yet", extra={"reason": str(error)})


def _engine_options(settings: Settings) -> dict[str, object]:
    # Error messages must not quote answers.
    options: dict[str, object] = {"hide_parameters": True}
    if settings.database_url.startswith("postgresql"):
        options["pool_pre_ping"] = True
        options["pool_timeout"] = CONNECT_TIMEOUT_SECONDS
        options["connect_args"] = {
            # PgBouncer in transaction mode cannot keep prepared statements.
            "prepare_threshold": None,
            "client_encoding": "utf8",  # whatever a login or the environment prefers
            # A server that swallows packets is noticed, new or in use, in seconds.
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "tcp_user_timeout": 10_000,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
    return options


def _assign_request_id() -> None:
    g.request_id = uuid4().hex


def _log_request(response: Response) -> Response:
    """One line a request, without address, path or body; none for the silent."""
    response.headers["X-Request-Id"] = g.request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.blueprint not in UNLOGGED_BLUEPRINTS:
        request_log.info(
            "request",
            extra={
                "request_id": g.request_id,
                "method": request.method,
                "route": str(request.url_rule),
                "status": response.status_code,
            },
        )
    return response
