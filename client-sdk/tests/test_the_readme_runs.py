"""The examples of the README, run as they are printed, against a real socket."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from peer.documents import TEAM
from peer.service import Peer
from peer.web import serve

README = Path(__file__).parents[1].joinpath("README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
EXAMPLE, KIOSK = EXAMPLES[0], next(one for one in EXAMPLES if "Gateway" in one)


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
