"""Draws a ballot for every listed wave, whether or not the person will answer it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rapport_client.ballots import minting
from rapport_client.ballots.ballot_key import BallotKey
from rapport_client.ballots.minting import Draw
from rapport_client.errors import (
    CharterRefused,
    DeviceRevoked,
    DocumentRefused,
    GrantInvalid,
    OutboxDamaged,
    OutboxFull,
    OutboxUnusable,
    ProblemError,
    RapportError,
    RetryLater,
    SignatureInvalid,
    TransportFailure,
    UnexpectedReply,
)
from rapport_client.flows.draw import MOST_AT_ONCE, Ask, Signed
from rapport_client.flows.pull import SYNC, ListedWave, WaveList, read_list
from rapport_client.store import keeping, limits
from rapport_client.store.documents import Documents
from rapport_client.store.draws import Draws
from rapport_client.store.space import Space
from rapport_client.sync.clock import DeviceClock
from rapport_client.sync.library import Library
from rapport_client.sync.pollbook import PollBook
from rapport_client.sync.report import Tally

NOT_ENROLLED = (
    "This device is not enrolled, so it draws no ballots:"
    " enrol it with the code that your agency gave you"
)
_REVOKED = (
    "This device may draw no more ballots; answers that wait are still sent."
    " Ask for a new enrolment code, and enrol with it again (--again; again=True)"
)
_ALREADY_DRAWN = (
    "started on another phone or before a reset; this pulse cannot be answered here"
)
_NO_BALLOT = {
    "not-drawable": "the service gives out none for this pulse at this time",
    "not-eligible": "you were not among its people when this pulse was announced",
    "wrong-key": "the service names another key for it than this pulse's charter",
    "blinded-invalid": "the service could not read what it was asked to sign",
}
_ROTTEN = (
    "A ballot on this device cannot be read any more: that pulse cannot be answered"
    " here, nor an answer to it be withdrawn"
)
_RESTORED = (
    "The service was restored from a backup: {} kept on this device will be sent again"
)


@dataclass(frozen=True)
class Draft:
    """A committed draw.

    Attributes:
        draw: as it was committed.
        key: the key it is under.
        group: the group's name.
        closed: whether its wave is no longer listed.
    """

    draw: Draw
    key: BallotKey
    group: str
    closed: bool = False


def draft(library: Library, draws: Draws, wave: ListedWave, epoch: str) -> Draft | None:
    """Checks a wave's documents and commits a draw under its group's key.

    A draw that was committed before is taken up again, never replaced.

    Args:
        library: the documents behind the wave.
        draws: where draws and ballots are kept.
        wave: as the poll book lists it.
        epoch: the server's epoch now.

    Returns:
        None if the device has the wave's ballot already.

    Raises:
        DocumentRefused: names the check that failed.
    """
    charter = library.charter(wave.wave, wave.charter)
    if draws.ballot(wave.wave) is not None:
        return None
    key = library.key(charter.key_for(wave.group))
    library.instrument(charter.instrument)
    draw = draws.pending(wave.wave) or draws.commit(
        minting.mint(wave.wave, wave.group, key, charter.digest, epoch)
    )
    if draw.kid != key.kid:
        raise CharterRefused("this group's key changed after a draw was made")
    return Draft(draw, key, charter.groups[wave.group].name)


class Drawing:
    """One round: pull the list, check the documents, commit draws, have them signed.

    Every step is on disk before the next one begins, so a round may end anywhere and
    the next one goes on from there.

    Args:
        pollbook: lists the waves and signs.
        library: the documents behind them.
        draws: where draws and ballots are kept.
        space: the person's namespace.
        shared: what the file shares.
        clock: the device's.
        tally: what happens is added to it.
    """

    def __init__(
        self,
        pollbook: PollBook,
        library: Library,
        draws: Draws,
        space: Space,
        shared: Space,
        clock: DeviceClock,
        tally: Tally,
    ) -> None:
        self._pollbook = pollbook
        self._library = library
        self._draws = draws
        self._documents = Documents(space)
        self._space = space
        self._shared = shared
        self._clock = clock
        self._tally = tally

    def run(self) -> bool:
        """Runs the round; what stops it is noted in the tally, not raised.

        Returns:
            Whether the line holds, so that a round for somebody else is worth trying.

        Raises:
            OutboxUnusable: the file cannot be read or written, for nobody. A value of
                this person's that rotted and a file that is full are noted.
        """
        try:
            self._run()
        except (GrantInvalid, DeviceRevoked):
            self._tally.needs_a_code(_REVOKED)
        except RapportError as problem:
            _raise_if_unusable(problem)
            self._tally.stopped_by(problem)
            return not isinstance(problem, TransportFailure | RetryLater)
        return True

    def _run(self) -> None:
        if not self._pollbook.knows_us:
            self._tally.needs_a_code(NOT_ENROLLED)
            return
        listed = self._pull()
        for wave in listed.cancelled:
            if self._draws.cancel(wave.wave, wave.reason):
                self._tally.notices.append(f"A pulse was cancelled: {wave.reason}")
        if listed.revoked:
            self._tally.needs_a_code(_REVOKED)
            return
        drafts = [
            drafted
            for wave in listed.drawable
            if (drafted := self._draft(wave, listed.epoch)) is not None
        ]
        drafts += self._no_longer_listed(listed)
        for start in range(0, len(drafts), MOST_AT_ONCE):
            self._draw(drafts[start : start + MOST_AT_ONCE])

    def _pull(self) -> WaveList:
        held = self._documents.get(SYNC)
        newest = self._pollbook.pull(held)
        listed = read_list(newest.body)
        limits.note(self._shared, listed.limits)
        offered = keeping.reoffer(self._space, listed.epoch, self._clock.now())
        if offered:
            self._tally.notices.append(_RESTORED.format(_counted(offered)))
        if newest is not held:
            self._documents.keep(SYNC, newest)
        return listed

    def _draft(self, wave: ListedWave, epoch: str) -> Draft | None:
        """The wave's draw, committed; None if it has a ballot or must not have one."""
        return self._drafted(lambda: draft(self._library, self._draws, wave, epoch))

    def _drafted(self, make: Callable[[], Draft | None]) -> Draft | None:
        """What was made; None where this wave, and maybe no other, is out of reach."""
        try:
            return make()
        except DocumentRefused as refusal:
            self._tally.notices.append(f"A pulse was refused: {refusal}")
        except OutboxDamaged:
            self._tally.notices.append(_ROTTEN)
        except (ProblemError, UnexpectedReply) as problem:
            self._tally.stopped_by(problem)
        return None

    def _no_longer_listed(self, listed: WaveList) -> list[Draft]:
        """Draws whose wave has closed: the signature may be made, its reply lost.

        The service repeats a signature until the seal, so they are asked for as long
        as it does not say that there is none.
        """
        waves = {wave.wave for wave in listed.drawable}
        waves |= {wave.wave for wave in listed.cancelled}
        drafts = [
            self._drafted(partial(_closed, self._library, draw))
            for draw in self._draws.all_pending()
            if draw.wave not in waves
        ]
        return [drafted for drafted in drafts if drafted is not None]

    def _draw(self, drafts: list[Draft]) -> None:
        signed = self._pollbook.draw(
            [Ask(each.draw.wave, each.draw.kid, each.draw.blinded) for each in drafts]
        )
        for each in drafts:
            self._finish(each, signed[each.draw.wave])

    def _finish(self, drafted: Draft, signed: Signed) -> None:
        match signed.status:
            case "signed":
                try:
                    ballot = minting.finish(drafted.draw, drafted.key, signed.signature)
                except SignatureInvalid as error:
                    self._tally.notices.append(f"{drafted.group}: no ballot: {error}")
                    return
                self._draws.finish(drafted.draw, ballot)
                self._tally.drawn += 1
            case "already-drawn":
                self._tally.notices.append(f"{drafted.group}: {_ALREADY_DRAWN}")
                self._give_up_if_closed(drafted)
            case other:
                why = f"{_NO_BALLOT[other]} ({other})" if other in _NO_BALLOT else other
                self._tally.notices.append(f"{drafted.group}: no ballot now: {why}")
                self._give_up_if_closed(drafted)

    def _give_up_if_closed(self, drafted: Draft) -> None:
        """A wave that is listed may be asked for again; any other never will be."""
        if drafted.closed:
            self._draws.give_up(drafted.draw.wave)


def _raise_if_unusable(problem: RapportError) -> None:
    one_value_or_room = isinstance(problem, OutboxDamaged | OutboxFull)
    if isinstance(problem, OutboxUnusable) and not one_value_or_room:
        raise problem


def _closed(library: Library, draw: Draw) -> Draft:
    group = library.charter(draw.wave, draw.charter).groups[draw.team]
    return Draft(draw, library.key(draw.kid), group.name, closed=True)


def _counted(items: int) -> str:
    return "an item that is" if items == 1 else f"{items} items that are"
