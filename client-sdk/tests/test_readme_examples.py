"""The examples of the README, run as they are printed, against a real socket."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fake_service.documents import TEAM
from fake_service.faults import on_path, reply_with
from fake_service.http_server import serve
from fake_service.service import FakeService, reply

README = Path(__file__).parents[1].joinpath("README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
PHONE, READER, KIOSK, PROGRAM, LEVELS = (
    next(example for example in EXAMPLES if word in example)
    for word in ("FieldDevice", "client.teams.score", "Gateway", "heatmap", "level")
)
DOCUMENTS = Path(__file__).parents[2] / "schemas/examples/v1"


def test_the_example_sends_one_answer_and_prints_a_score(
    keys, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    now = datetime.now(UTC)
    service = FakeService()
    wave = service.add_wave(
        keys[0], opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1)
    )
    team = {"id": TEAM, "external_id": "north", "name": "North"}
    service.scores[TEAM] = {
        "status": "withheld",
        "team": team,
        "wave_id": wave.id,
        "release": 1,
        "opens_at": "2026-12-01T08:00:00Z",
        "closes_at": "2026-12-08T08:00:00Z",
        "explanation": [],
    }
    names = {"client_id": "acme-client", "secret": "s3cret"}

    with serve(service) as front:
        for example in (PHONE, READER):
            program = (
                example.replace("http://127.0.0.1:8000", front.origin)
                .replace("acme.2f6c1a7b-5d10-4c5e-8f0e-0b6f7a1e9a51", "acme-client")
                .replace("its secret", "s3cret")
            )
            exec(program, names)
        names["device"].close()

    sent, score = capsys.readouterr().out.splitlines()
    assert sent == "accepted=1 waiting=0 dead=0"
    assert score == "North: no score in this wave"


def test_the_kiosk_serves_a_person(open_service, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with serve(open_service) as front:
        exec(KIOSK.replace("http://127.0.0.1:8000", front.origin), {})

    (wave,) = open_service.waves.values()
    assert len(wave.signed) == 1


def test_the_program_begins_with_the_highest_team_that_it_may_read(service, capsys):
    north = {"id": TEAM, "external_id": "north", "name": "North"}
    pending = {
        "status": "pending",
        "team": north,
        "wave_id": next(iter(service.waves)),
        "seals_at": "2026-12-08T08:00:00Z",
        "delay": None,
    }
    heading = dict.fromkeys(("trust", "communication", "overall"))
    empty = {"team": north, "heading": heading, "explanation": [], "waves": []}
    service.intercept = on_path(f"/v1/teams/{TEAM}/trend", reply_with(reply(empty)))
    service.scores[TEAM] = pending
    with serve(service) as front:
        names = {"client_id": "acme-client", "secret": "s3cret"}
        exec(PROGRAM.replace("http://127.0.0.1:8000", front.origin), names)

    assert capsys.readouterr().out.startswith("sealed at 2026-12-08")


def test_the_levels_are_printed_with_the_sentence_to_read_first(service, capsys):
    example = json.loads((DOCUMENTS / "get_team_score.level.json").read_bytes())
    document = example["response"]["json"]
    service.scores[TEAM] = document
    with serve(service) as front:
        names = {"client_id": "acme-client", "secret": "s3cret"}
        exec(LEVELS.replace("http://127.0.0.1:8000", front.origin), names)

    sentence, level, change = capsys.readouterr().out.splitlines()
    trust = document["constructs"]["trust"]
    ends = trust["level"]["interval"]
    assert sentence == document["explanation"][0]["en"]
    assert level == f"{trust['level']['score']} {ends['low']} {ends['high']}"
    assert change == f"no_clear_change {trust['change']['detectable']}"
