"""The README's Python runs unchanged against a real server."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
PEOPLE = {"README.md": "p1", "client-sdk/README.md": "p2"}


@pytest.mark.parametrize("readme", ["README.md", "client-sdk/README.md"])
def test_a_caseworker_answers_and_an_integrator_reads(
    readme, server, agency, tmp_path, capsys
):
    page = (PROJECT / readme).read_text()
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    program = next(n for n, text in enumerate(examples) if "Client(" in text)
    example = "".join(examples[: program + 1])
    _, code = agency("codes", "mint", "acme", PEOPLE[readme]).split("\t")
    client_id, secret = agency("client", "create", "acme", "--name", "x").split("\t")
    example = (
        example.replace("http://127.0.0.1:8000", server.url)
        .replace("acme-7QFM-29XK-T4WD", code)
        .replace("acme.2f6c1a7b-5d10-4c5e-8f0e-0b6f7a1e9a51", client_id)
        .replace("its secret", secret)
        .replace("outbox.db", str(tmp_path / "outbox.db"))
    )

    exec(compile(example, readme, "exec"), {})

    sent, score = capsys.readouterr().out.splitlines()
    assert sent == "accepted=1 waiting=0 dead=0"
    assert score.startswith("Team A: no score yet; it comes after ")
