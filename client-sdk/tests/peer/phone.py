"""A device whose clock and dice the test holds."""

from peer.documents import FORMS, NOW
from rapport_client import FieldDevice

SERVER = "https://rapport.test"


class Phone(FieldDevice):
    """A device at noon on the day after opening, which always shows the first form."""

    now = NOW
    form = 0

    def _now(self):
        return self.now

    def _choose_form(self, forms):
        assert forms == len(FORMS)
        return self.form


def answer(phone, value=4):
    """Gives the same answer to every question of the first open pulse."""
    (pulse, *_) = phone.open_pulses()
    phone.answer(pulse, {each.id: value for each in pulse.questions}, context="normal")
    return pulse
