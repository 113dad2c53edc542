"""Who takes part in a run, and what is special about some: by the seed alone."""

from dataclasses import dataclass, field
from random import Random

from demo.agency import DIRECTOR, ROOT
from rapport_client import Roster, RosterPerson, RosterTeam

TEAM_SIZE = 10
HOURS, YEARS = 3600.0, 365.25 * 24 * 3600
SKEWS = (0.0, 7 * HOURS, -7 * HOURS, 50 * YEARS, -50 * YEARS)
"""How wrong a clock may be, in seconds."""

GATEWAY = "kiosk"


@dataclass(frozen=True)
class Participants:
    """The people of a run and their devices.

    Attributes:
        devices: by the name of each device, who uses it. A person who gets a second
            phone has two.
        silent: by number of the wave, who will not answer it.
        late: by number of the wave, who has no signal from its opening to its seal.
        hasty: by number of the wave, who gets a signal a moment before its seal.
        regretful: by number of the wave, who takes back what they answered.
        wrong_clocks: devices whose clock jumps by hours and by decades.
        replaced: by a device's name, the one that its person gets in its place.
        revoked: devices that an administrator ends, for good.
    """

    devices: dict[str, tuple[str, ...]]
    non_answering: tuple[frozenset[str], ...] = field(repr=False)
    late: tuple[frozenset[str], ...] = field(repr=False)
    last_minute: tuple[frozenset[str], ...] = field(repr=False)
    withdrawing: tuple[frozenset[str], ...] = field(repr=False)
    wrong_clocks: frozenset[str] = field(repr=False)
    replaced: dict[str, str] = field(repr=False)
    revoked: frozenset[str] = field(repr=False)

    @property
    def ended(self) -> frozenset[str]:
        """Devices that may draw no more at some time, and get no other code."""
        return self.revoked | self.replaced.keys()

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who has a device, once."""
        return tuple(dict.fromkeys(p for users in self.devices.values() for p in users))

    def roster(self) -> Roster:
        """The agency: its teams of some ten people under one root, and a director."""
        count = max(1, len(self.people) // TEAM_SIZE)
        teams = [f"team-{number}" for number in range(count)]
        return {
            "teams": [
                {"external_id": ROOT, "name": "Acme Family Services", "parent": None},
                *(RosterTeam(external_id=t, name=t, parent=ROOT) for t in teams),
            ],
            "people": [
                {"external_id": DIRECTOR, "team": ROOT, "supervises": [ROOT]},
                *(
                    RosterPerson(external_id=person, team=teams[number % count])
                    for number, person in enumerate(self.people)
                ),
            ],
        }


def draw_participants(dice: Random, people: int, waves: int) -> Participants:
    """Draws the parts."""
    everybody = tuple(f"person-{number:03}" for number in range(people))
    at_kiosk = everybody[: max(2, people // 6)]
    phones = everybody[len(at_kiosk) :]

    def some(share: float, among: tuple[str, ...]) -> frozenset[str]:
        return frozenset(dice.sample(among, max(1, round(share * len(among)))))

    ended = sorted(frozenset(dice.sample(phones, max(2, len(phones) // 10))))
    replaced = {phone: f"{phone}-new" for phone in ended[: (len(ended) + 1) // 2]}
    revoked = frozenset(ended) - replaced.keys()
    away = [some(0.3, phones) for _ in range(waves)]
    late = [frozenset(dice.sample(sorted(a), max(1, len(a) // 3))) for a in away]
    silent = [some(0.08, everybody) - a for a in away]
    if waves > 1:
        # Such a phone hears of no restore, which the last wave suffers.
        silent[-1] |= frozenset(ended)
    devices = {GATEWAY: at_kiosk}
    devices |= {phone: (phone,) for phone in phones}
    devices |= {new: (old,) for old, new in replaced.items()}
    return Participants(
        devices=devices,
        non_answering=tuple(silent),
        late=tuple(late),
        last_minute=tuple(a - b for a, b in zip(away, late, strict=True)),
        withdrawing=tuple(some(0.25, everybody) for _ in range(waves)),
        wrong_clocks=some(0.25, tuple(devices)),
        replaced=replaced,
        revoked=revoked,
    )
