"""Device whose clock and randomness are set by the test."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fake_service.documents import FORMS, NOW
from rapport_client import FieldDevice

SERVER = "https://rapport.test"


@dataclass
class ManualClock:
    """Clocks that move when the test says so; the wall clock may jump."""

    now: datetime = NOW
    monotonic_seconds: float = 1000.0
    boot_name: str = "first boot"

    def wall(self):
        return self.now.timestamp()

    def monotonic(self):
        return self.monotonic_seconds

    def boot(self):
        return self.boot_name

    def advance(self, **duration):
        """Time passes, on both clocks."""
        passed = timedelta(**duration)
        self.now += passed
        self.monotonic_seconds += passed.total_seconds()

    def reboot(self):
        """The device starts anew; a moment later it is here again."""
        self.boot_name += " and another"
        self.monotonic_seconds = 1.0


class Phone(FieldDevice):
    """A device at noon on the day after opening, which always shows the first form."""

    form = 0

    def __init__(self, *arguments, clock=None, **more):
        self.held = clock or ManualClock()
        super().__init__(*arguments, clock=self.held, **more)

    @property
    def now(self):
        """The time of the wall clock."""
        return self.held.now

    @now.setter
    def now(self, at):
        self.held.now = at

    def _choose_form(self, forms):
        assert forms == len(FORMS)
        return self.form


def answer_first_pulse(phone, value=4):
    """Gives the same answer to every question of the first open pulse."""
    (pulse, *_) = phone.open_pulses()
    phone.answer(pulse, {each.id: value for each in pulse.questions}, context="normal")
    return pulse
