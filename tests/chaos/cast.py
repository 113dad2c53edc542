"""Who takes part in a run, and what is special about some: by the seed alone."""

from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from demo.agency import DIRECTOR, ROOT
from rapport_client import Roster

TEAM_SIZE = 10
YEARS_50 = timedelta(days=50 * 365)
SKEWS = (YEARS_50, -YEARS_50, timedelta(hours=7), -timedelta(hours=7))


@dataclass(frozen=True)
class Cast:
    """The people of a run.

    Attributes:
        people: everybody who has a phone.
        silent: by number of the wave, who will not answer it.
        late: by number of the wave, who has no signal from its opening to its seal.
        hasty: by number of the wave, who gets a signal a moment before its seal.
        wrong_clocks: whose clock jumps by hours and by decades.
        superseded: who gets a second phone in the middle of it.
    """

    people: tuple[str, ...]
    silent: tuple[frozenset[str], ...] = field(repr=False)
    late: tuple[frozenset[str], ...] = field(repr=False)
    hasty: tuple[frozenset[str], ...] = field(repr=False)
    wrong_clocks: frozenset[str] = field(repr=False)
    superseded: frozenset[str] = field(repr=False)

    def roster(self) -> Roster:
        """The agency: its teams of some ten people under one root, and a director."""
        count = max(1, len(self.people) // TEAM_SIZE)
        teams = [f"team-{number}" for number in range(count)]
        return {
            "teams": [
                {"external_id": ROOT, "name": "Acme Family Services", "parent": None},
                *(
                    {"external_id": team, "name": team, "parent": ROOT}
                    for team in teams
                ),
            ],
            "people": [
                {"external_id": DIRECTOR, "team": ROOT, "supervises": [ROOT]},
                *(
                    {"external_id": person, "team": teams[number % count]}
                    for number, person in enumerate(self.people)
                ),
            ],
        }


def cast(dice: Random, devices: int, waves: int) -> Cast:
    """Draws the parts."""
    people = tuple(f"person-{number:03}" for number in range(devices))

    def some(share: float, among: tuple[str, ...] = people) -> frozenset[str]:
        return frozenset(dice.sample(among, max(1, round(share * len(among)))))

    away = [some(0.25) for _ in range(waves)]
    late = tuple(frozenset(dice.sample(sorted(a), max(1, len(a) // 3))) for a in away)
    return Cast(
        people=people,
        silent=tuple(some(0.08) - away[number] for number in range(waves)),
        late=late,
        hasty=tuple(away[number] - late[number] for number in range(waves)),
        wrong_clocks=some(0.25),
        superseded=some(0.05),
    )
