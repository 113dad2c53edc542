"""What to try on a service that runs: as a caseworker, as a program."""

from demo.agency import Credentials
from rapport_client import Team


def welcome_text(
    url: str, person: str, code: str, director: Credentials, team: Team
) -> str:
    """The text that ``make run`` prints, to be copied line by line.

    Args:
        url: of the service.
        person: a caseworker.
        code: that enrols a device for them.
        director: reads all scores.
        team: one with a score.
    """
    return f"""
Rapport serves the agency "acme" on {url}

Answer as a caseworker, here {person}; each start prints another one:

.venv/bin/python - <<'END'
from rapport_client import FieldDevice
device = FieldDevice("var/{person}.db", server="{url}")
device.enrol("{code}")   # once, online
device.sync()                           # pulls pulses, draws ballots
for pulse in device.open_pulses():      # from here on: no signal needed
    print(pulse.lead_in, *(q.text for q in pulse.questions), sep="\\n- ")
    device.answer(pulse, {{q.id: 4 for q in pulse.questions}}, context="normal")
print(device.sync())                    # accepted=1 waiting=0 dead=0
END

Read scores as a program does that may see the whole agency, here {team.name}:

TOKEN=$(curl -s {url}/v1/token -d grant_type=client_credentials \\
  -d client_id={director.client_id} \\
  -d client_secret={director.secret} |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
curl -s -H "Authorization: Bearer $TOKEN" {url}/v1/teams; echo
curl -s -H "Authorization: Bearer $TOKEN" {url}/v1/teams/{team.id}/scores; echo

More codes, for everybody:

RAPPORT_SECRET=$(cat var/secret) RAPPORT_DATABASE_URL=sqlite:///var/rapport.db \\
  .venv/bin/rapport codes mint acme --all

Ctrl-C stops it. Data and log are in var; remove that folder to begin anew.
"""
