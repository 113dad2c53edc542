"""Next steps on a running service: as a caseworker, as a program."""

from demo.agency import Credentials
from rapport_client import Team


def welcome_text(
    url: str, person: str, code: str, director: Credentials, team: Team
) -> str:
    """The text that ``make run`` prints, to be copied line by line.

    Args:
        url: the URL of the service.
        person: a caseworker.
        code: the code that enrols a device of the caseworker.
        director: the credentials that read all scores.
        team: a team with a score.
    """
    return f"""
Rapport is running. The agency "acme" is on {url}

To answer as the caseworker {person}, paste this into another terminal.
Each start of "make run" chooses another caseworker.

.venv/bin/python - <<'END'
from rapport_client import FieldDevice
device = FieldDevice("var/{person}.db", server="{url}")
device.enrol("{code}")   # once, with a signal
device.sync()                           # gets pulses and ballots
for pulse in device.open_pulses():      # from here on without a signal
    print(pulse.lead_in, *(q.text for q in pulse.questions), sep="\\n- ")
    device.answer(pulse, {{q.id: 4 for q in pulse.questions}}, context="normal")
print(device.sync())                    # accepted=1 waiting=0 dead=0
END

To read the scores of the team {team.name} as a program, paste this:

TOKEN=$(curl -s {url}/v1/token -d grant_type=client_credentials \\
  -d client_id={director.client_id} \\
  -d client_secret={director.secret} |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
curl -s -H "Authorization: Bearer $TOKEN" {url}/v1/teams; echo
curl -s -H "Authorization: Bearer $TOKEN" {url}/v1/teams/{team.id}/score; echo

To read them as the operator, and to make a new code for every person, paste this:

export RAPPORT_SECRET=$(cat var/secret) RAPPORT_DATABASE_URL=sqlite:///var/rapport.db
.venv/bin/rapport score acme
.venv/bin/rapport codes mint acme --all

To stop Rapport, press Ctrl-C. Its data and log are in the folder var. The keys that
open answers lie apart from it, in ~/.local/state/rapport; "rapport doctor" shows the
folder. To start with a new agency, remove the folder var.
"""
