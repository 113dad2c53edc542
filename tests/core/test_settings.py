import base64
import os
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.app import create_app
from rapport_service.core.dependencies import Dependencies
from rapport_service.core.settings import KNOWN_SETTINGS, Settings, SettingsInvalidError
from tests.support.keys import KEYRING

SECRET = bytes(range(7, 39))
GOOD = {"RAPPORT_SECRET": base64.b64encode(SECRET).decode()}
PASSWORD = "correct-horse"


def settings_errors(**environ):
    """Errors of an environment; none where it is good."""
    try:
        Settings.from_env(GOOD | environ)
    except SettingsInvalidError as error:
        return error.errors
    return []


def test_a_secret_is_all_it_takes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    settings = Settings.from_env(GOOD)

    assert settings.secret == SECRET
    assert settings.database_url == f"sqlite:///{tmp_path}/rapport.db"


def test_every_error_is_reported_at_once():
    with pytest.raises(SettingsInvalidError) as caught:
        Settings.from_env(
            {
                "RAPPORT_SECERT": "typo",
                "RAPPORT_DEBUG": "1",
                "RAPPORT_DATABASE_URL": "mysql://root@localhost/x",
            }
        )

    assert [m.partition(":")[0] for m in caught.value.errors] == [
        "RAPPORT_DEBUG",
        "RAPPORT_SECERT",
        "RAPPORT_SECRET",
        "RAPPORT_DATABASE_URL",
    ]
    assert all(error in str(caught.value) for error in caught.value.errors)


@given(st.from_regex(r"RAPPORT_[A-Z_]{0,20}", fullmatch=True))
def test_any_other_variable_of_ours_is_a_typo(name):
    if name not in KNOWN_SETTINGS:
        assert settings_errors(**{name: "x"}) == [f"{name}: no such setting"]


def test_variables_of_others_are_none_of_our_business():
    others = {"PATH": "/bin", "RAPPORTEUR": "x", "rapport_secret": "x", "DATABASE": "y"}

    assert settings_errors(**others) == []


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "secret",
        "change me",
        "A" * 42,
        base64.b64encode(SECRET[:31]).decode(),
        base64.b64encode(SECRET).decode() + "!",
        base64.b64encode(SECRET).decode() + "=",
        f" {base64.b64encode(SECRET).decode()}",
        "ä" * 60,
        "\ud800" * 60,
    ],
)
def test_a_weak_or_garbled_secret_is_refused_and_not_repeated(weak):
    (error,) = settings_errors(RAPPORT_SECRET=weak)

    assert error == "RAPPORT_SECRET: needs base64 of at least 32 random bytes"


def test_secret_has_no_default():
    with pytest.raises(SettingsInvalidError, match="openssl rand -base64 32"):
        Settings.from_env({})


@given(st.binary(min_size=32, max_size=80))
def test_a_secret_may_be_written_in_either_alphabet_padded_or_not(secret):
    for written in (base64.b64encode(secret), base64.urlsafe_b64encode(secret)):
        for text in (written, written.rstrip(b"=")):
            settings = Settings.from_env({"RAPPORT_SECRET": text.decode()})

            assert settings.secret == secret


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@given(secret=st.binary(min_size=32, max_size=80))
def test_a_secret_may_end_and_break_in_lines_as_files_and_openssl_do(line_end, secret):
    """`openssl rand -base64 64` breaks its line, `$(cat file)` keeps a return."""
    written = base64.encodebytes(secret).decode()
    wrapped = f"{written[:64]}\n{written[64:]}".replace("\n", line_end)

    for text in (written.replace("\n", line_end), wrapped):
        assert Settings.from_env({"RAPPORT_SECRET": text}).secret == secret


@pytest.mark.parametrize(
    ("given_url", "used"),
    [
        ("sqlite:////var/lib/r.db", "sqlite:////var/lib/r.db"),
        ("postgresql://u@h/n", "postgresql+psycopg://u@h/n"),
        ("postgres://u:p@h:5433/n", "postgresql+psycopg://u:p@h:5433/n"),
        ("postgresql+psycopg://u@/n?host=/s", "postgresql+psycopg://u@/n?host=/s"),
    ],
)
def test_a_database_is_sqlite_or_postgresql_through_psycopg(given_url, used):
    for text in (given_url, f"{given_url}\n", f"{given_url}\r\n"):
        settings = Settings.from_env(GOOD | {"RAPPORT_DATABASE_URL": text})

        assert settings.database_url == used


@pytest.mark.parametrize(
    "wrong",
    [
        "rapport.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:////",
        "sqlite:///:memory:",
        "sqlite://host/file",
        "postgresql://",
        "postgresql://host",
        "postgresql://host:port/name",
        "postgresql+asyncpg://host/name",
        "mysql://host/name",
        "://",
        "postgresql:///",
    ],
)
def test_any_other_database_is_refused_without_quoting_it(wrong):
    (error,) = settings_errors(RAPPORT_DATABASE_URL=wrong)

    assert error == (
        "RAPPORT_DATABASE_URL: needs sqlite:///FILE or postgresql://USER@HOST/NAME"
    )


@given(st.text())
def test_no_text_makes_reading_a_database_break(text):
    assert len(settings_errors(RAPPORT_DATABASE_URL=text)) <= 1


def leaked_secrets(*values):
    """The secrets in a log or a traceback that shows these values."""
    text = " ".join(map(repr, values))
    forms = {
        "password": PASSWORD,
        "secret": repr(SECRET)[2:-1],
        "hex": SECRET.hex(),
        "base64": base64.b64encode(SECRET).decode(),
        "key": repr(KEYRING.codes)[2:-1],
    }
    return {name for name, form in forms.items() if form in text}


def test_no_secret_and_no_password_is_ever_shown():
    settings = Settings(SECRET, f"postgresql+psycopg://u:{PASSWORD}@h/n")
    app = create_app(settings)
    deps = app.extensions["rapport"]

    assert isinstance(deps, Dependencies)
    assert leaked_secrets(settings, app, deps, deps.data_keys.secrets) == set()
    assert leaked_secrets(KEYRING) == set()


def test_planted_secret_is_detected():
    settings = Settings(SECRET, f"postgresql+psycopg://u:{PASSWORD}@h/n")

    assert leaked_secrets(asdict(settings)) == {"password", "secret"}
    assert leaked_secrets(vars(KEYRING)) == {"key"}


def test_an_app_is_made_without_a_look_at_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("RAPPORT_DATABASE_URL", "sqlite:////nowhere/else.db")
    monkeypatch.setenv("RAPPORT_SECRET", "not even base64")
    monkeypatch.setenv("RAPPORT_TYPO", "1")
    monkeypatch.setenv("FLASK_DEBUG", "1")

    app = create_app(Settings(SECRET, f"sqlite:///{tmp_path}/here.db"))

    assert app.config["SQLALCHEMY_DATABASE_URI"].endswith("here.db")
    assert app.extensions["rapport"].data_keys.secrets.current == SECRET


def test_a_name_of_ours_is_not_even_looked_up(monkeypatch, tmp_path):
    seen = []
    real = os.environ.__class__.__getitem__

    def record(self, name):
        seen.append(name)
        return real(self, name)

    monkeypatch.setattr(os.environ.__class__, "__getitem__", record)
    create_app(Settings(SECRET, f"sqlite:///{tmp_path}/here.db"))
    by_app = [name for name in seen if str(name).startswith("RAPPORT")]
    seen.clear()
    os.environ.get("RAPPORT_PLANTED")

    assert by_app == []
    assert seen == ["RAPPORT_PLANTED"]
