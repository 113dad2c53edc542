"""Participants of a run and their roles, drawn from the seed."""

from dataclasses import dataclass, field
from random import Random

from demo.agency import DIRECTOR, ROOT
from rapport_client import Roster, RosterPerson, RosterTeam

TEAM_SIZE = 10
HOURS, YEARS = 3600.0, 365.25 * 24 * 3600
SKEWS = (0.0, 7 * HOURS, -7 * HOURS, 50 * YEARS, -50 * YEARS)
"""Errors of a clock, in seconds."""

GATEWAY = "kiosk"


@dataclass(frozen=True)
class Participants:
    """The people of a run and their devices.

    Attributes:
        devices: the people of each device, by its name. A person who gets a second
            phone has two.
        non_answering: for each wave, people who do not answer it.
        late: for each wave, devices without a signal from its opening to its seal.
        last_minute: for each wave, devices with a signal only just before its seal.
        withdrawing: for each wave, people who withdraw their answer.
        wrong_clocks: devices whose clock jumps by hours and by decades.
        replaced: replacement devices, by the name of the old one.
        revoked: devices that an administrator ends for good.
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
        """Devices that may no longer draw at some time, and get no other code."""
        return self.revoked | self.replaced.keys()

    @property
    def people(self) -> tuple[str, ...]:
        """Every person with a device, once."""
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


def draw_participants(rng: Random, people: int, waves: int) -> Participants:
    """Draws the roles of so many people in so many waves."""
    everyone = tuple(f"person-{number:03}" for number in range(people))
    at_kiosk = everyone[: max(2, people // 6)]
    phones = everyone[len(at_kiosk) :]

    def sample_share(share: float, among: tuple[str, ...]) -> frozenset[str]:
        return frozenset(rng.sample(among, max(1, round(share * len(among)))))

    ended = sorted(frozenset(rng.sample(phones, max(2, len(phones) // 10))))
    replaced = {phone: f"{phone}-new" for phone in ended[: (len(ended) + 1) // 2]}
    revoked = frozenset(ended) - replaced.keys()
    offline = [sample_share(0.3, phones) for _ in range(waves)]
    late = [frozenset(rng.sample(sorted(a), max(1, len(a) // 3))) for a in offline]
    non_answering = [sample_share(0.08, everyone) - a for a in offline]
    if waves > 1:
        # An ended phone does not learn of the restore in the last wave.
        non_answering[-1] |= frozenset(ended)
    devices = {GATEWAY: at_kiosk}
    devices |= {phone: (phone,) for phone in phones}
    devices |= {new: (old,) for old, new in replaced.items()}
    return Participants(
        devices=devices,
        non_answering=tuple(non_answering),
        late=tuple(late),
        last_minute=tuple(a - b for a, b in zip(offline, late, strict=True)),
        withdrawing=tuple(sample_share(0.25, everyone) for _ in range(waves)),
        wrong_clocks=sample_share(0.25, tuple(devices)),
        replaced=replaced,
        revoked=revoked,
    )
