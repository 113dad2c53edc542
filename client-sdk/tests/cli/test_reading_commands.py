"""``rapport-field read`` and ``results``: scores of a person who may read some."""

import csv
import stat
from io import StringIO

import pytest
from fake_service.documents import ROOT, TEAM
from fake_service.service import CODE, problem

RELEASED = {
    "status": "released",
    "team": {"id": TEAM, "external_id": "north", "name": "North"},
    "wave_id": "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11",
    "release": 1,
    "opens_at": "2026-12-01T08:00:00Z",
    "closes_at": "2026-12-08T08:00:00Z",
    "tier": "coarse",
    "respondents": "10-19",
    "participation": "70-84",
    "tipping_point": 20,
    "constructs": {
        name: {
            "score": score,
            "bound": bound,
            "interval": {"low": score - 15, "high": score + 15},
            "change": None,
            "favourable": None,
            "trend": None,
            "level": None,
            "two_wave_change": None,
            "against_organization": None,
        }
        for name, score, bound in [
            ("trust", 70, None),
            ("communication", 20, "at_most"),
            ("overall", 45, None),
        ]
    },
    "agreement": None,
    "items": None,
    "crisis_percent": None,
    "explanation": [{"code": "x", "en": "Most trust.", "es": "La mayoría confía."}],
}


@pytest.fixture
def tokens(tmp_path):
    return tmp_path / "tokens.json"


@pytest.fixture
def reader(terminal, open_service, tokens):
    """The command line of a person who has used a code for reading."""
    open_service.scope = "supervisor"
    done = terminal.without_outbox(
        *("read", CODE, "--server", terminal.origin, "--tokens", tokens)
    )
    assert done.exit == 0, done.err
    return lambda *words: terminal.without_outbox(*words, "--tokens", tokens)


def test_a_code_is_taken_once(reader, tokens, open_service):
    open_service.scores[TEAM] = RELEASED

    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    assert reader("results", "--json").exit == 0


def test_read_names_the_teams(terminal, open_service, tokens):
    open_service.scope = "supervisor"

    done = terminal.without_outbox(
        *("read", CODE, "--server", terminal.origin, "--tokens", tokens)
    )

    assert done.out == (
        "you can read these teams: North\nnext:\n"
        f"    rapport-field results --tokens {tokens}\n"
    )


def test_the_address_is_asked_for(terminal, tokens):
    done = terminal.without_outbox("read", CODE, "--tokens", tokens)

    assert (done.exit, "--server URL" in done.err) == (2, True)


def test_results_show_a_line_for_each_team(reader, open_service):
    open_service.scores[TEAM] = RELEASED

    assert reader("results").out == (
        "North: trust 70 (55 to 85), communication at most 20 (5 to 35),"
        " overall 45 (30 to 60); 10-19 people answered, 70-84 %\n"
    )


@pytest.mark.parametrize(
    ("language", "figure"),
    [
        ("en", "trust 66 (61 to 71; this wave 70, up), communication at most 20 (5"),
        ("es", "confianza 66 (61 a 71; esta consulta 70, sube), comunicación como"),
    ],
)
def test_results_lead_with_the_level_once_there_is_one(
    reader, open_service, language, figure
):
    trust = {
        **RELEASED["constructs"]["trust"],
        "level": {"score": 66, "interval": {"low": 61, "high": 71}},
        "change": {"direction": "no_clear_change", "detectable": 14},
        "two_wave_change": {"direction": "up", "detectable": 11},
    }
    constructs = {**RELEASED["constructs"], "trust": trust}
    open_service.scores[TEAM] = {**RELEASED, "constructs": constructs}

    assert figure in reader("results", "--language", language).out


@pytest.mark.parametrize("tag", ["es", "es-MX", "ES"])
def test_results_of_one_team_are_explained_in_spanish(reader, open_service, tag):
    open_service.scores[TEAM] = RELEASED

    done = reader("results", TEAM, "--language", tag)

    assert "confianza 70 (55 a 85)" in done.out
    assert "como máximo 20" in done.out
    assert done.out.endswith("  La mayoría confía.\n")


def test_figures_of_the_team_above_are_named_as_its(reader, open_service):
    above = {"id": ROOT, "external_id": "agency", "name": "Agency"}
    open_service.scores[TEAM] = {
        **RELEASED,
        "status": "rolled_up",
        "source_team": above,
    }

    assert reader("results").out.startswith(
        "North: no score of its own; these are the figures of Agency: trust 70"
    )


@pytest.mark.parametrize(
    ("delay", "line"),
    [
        (None, "North: no score yet; it comes after 2026-12-09 08:00 UTC\n"),
        (
            "clock_unconfirmed",
            "North: no score yet; it was due at 2026-12-09 08:00 UTC and is late"
            " (clock_unconfirmed)\n",
        ),
    ],
)
def test_a_score_that_is_still_to_come_says_when(reader, open_service, delay, line):
    open_service.scores[TEAM] = {
        "status": "pending",
        "team": RELEASED["team"],
        "wave_id": RELEASED["wave_id"],
        "seals_at": "2026-12-09T08:00:00Z",
        "delay": delay,
    }

    assert reader("results").out == line


def test_a_team_that_was_never_asked_is_no_failure(reader, open_service):
    open_service.intercept = lambda request, answer: (
        problem(404, "nothing-measured") if request.url.endswith("/score") else answer()
    )

    done = reader("results")

    assert (done.exit, done.out) == (0, "North: not asked yet\n")


def test_json_is_the_documents_of_the_service(reader, open_service):
    open_service.scores[TEAM] = RELEASED

    assert reader("results", "--json").document == {"results": [RELEASED]}


def test_csv_is_a_table_with_a_row_for_each_team(reader, open_service):
    open_service.scores[TEAM] = RELEASED

    (row,) = csv.DictReader(StringIO(reader("results", "--csv").out))

    assert row["external_id"] == "north"
    assert (row["trust"], row["trust_low"], row["trust_high"]) == ("70", "55", "85")
    assert row["source_team"] == ""


def test_control_characters_of_a_name_are_shown(reader, open_service):
    team = {**RELEASED["team"], "name": "No\x1b[31mrth"}
    open_service.scores[TEAM] = {**RELEASED, "team": team}

    assert "\x1b" not in reader("results").out


def test_results_without_a_file_say_what_to_do(terminal, tokens):
    done = terminal.without_outbox("results", "--tokens", tokens)

    assert done.exit == 4
    assert "`rapport-field read`" in done.err


def test_the_version_is_printed(terminal, capsys):
    with pytest.raises(SystemExit) as end:
        terminal.without_outbox("--version")

    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("rapport-field 0.")
