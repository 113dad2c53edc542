"""The examples of the README, run as they are printed, against a real socket."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from peer.documents import TEAM
from peer.faults import at, instead
from peer.service import Peer, reply
from peer.web import serve

README = Path(__file__).parents[1].joinpath("README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
EXAMPLE, KIOSK, PROGRAM = (
    next(one for one in EXAMPLES if word in one)
    for word in ("FieldDevice", "Gateway", "heatmap")
)


def test_the_example_sends_one_answer_and_prints_a_score(
    keys, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    now = datetime.now(UTC)
    peer = Peer()
    wave = peer.add_wave(
        keys[0], opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1)
    )
    team = {"id": TEAM, "name": "North"}
    peer.scores[TEAM] = {
        "status": "withheld",
        "team": team,
        "wave": wave.id,
        "release": 1,
        "opens_at": "2026-12-01T08:00:00Z",
        "closes_at": "2026-12-08T08:00:00Z",
        "explanation": [],
    }
    names = {"client_id": "acme-client", "secret": "s3cret"}

    with serve(peer) as front:
        exec(EXAMPLE.replace("http://127.0.0.1:8000", front.origin), names)
        names["device"].close()

    sent, score = capsys.readouterr().out.splitlines()
    assert sent == "accepted=1 waiting=0 dead=0"
    assert score.startswith("North Withheld(")


def test_the_kiosk_serves_a_person(open_now, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with serve(open_now) as front:
        exec(KIOSK.replace("http://127.0.0.1:8000", front.origin), {})

    (wave,) = open_now.waves.values()
    assert len(wave.signed) == 1


def test_the_program_begins_with_the_highest_team_that_it_may_read(peer, capsys):
    north = {"id": TEAM, "name": "North"}
    pending = {
        "status": "pending",
        "team": north,
        "wave": next(iter(peer.waves)),
        "seals_at": "2026-12-08T08:00:00Z",
    }
    heading = dict.fromkeys(("trust", "communication", "overall"))
    empty = {"team": north, "heading": heading, "explanation": [], "waves": []}
    peer.interfere = at(f"/v1/teams/{TEAM}/trend", instead(reply(empty)))
    peer.scores[TEAM] = pending
    with serve(peer) as front:
        names = {"client_id": "acme-client", "secret": "s3cret"}
        exec(PROGRAM.replace("http://127.0.0.1:8000", front.origin), names)

    assert capsys.readouterr().out.startswith("sealed at 2026-12-08")
