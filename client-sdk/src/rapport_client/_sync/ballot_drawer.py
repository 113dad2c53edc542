"""Draws a ballot for every listed wave, whether or not the person will answer it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rapport_client._ballots import minting
from rapport_client._ballots.ballot_key import BallotKey
from rapport_client._ballots.minting import Draw
from rapport_client._outbox import last_contact, retention
from rapport_client._outbox.draws import Draws
from rapport_client._outbox.namespace import Documents, Namespace
from rapport_client._protocol.draw import MAX_DRAWS_PER_REQUEST, DrawRequest, DrawResult
from rapport_client._protocol.pull import SYNC_PATH, ListedWave, WaveList, read_list
from rapport_client._sync.clock import DeviceClock, ServerDate
from rapport_client._sync.document_cache import DocumentCache
from rapport_client._sync.pollbook import PollBook
from rapport_client._sync.report import SyncCounter
from rapport_client._sync.time_evidence import build_window
from rapport_client._wording import Wording, bilingual_wording
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

NOT_ENROLLED = bilingual_wording(
    "This device is not enrolled, so it draws no ballots:"
    " enrol it with the code that your agency gave you",
    "Este dispositivo no está inscrito y no obtiene papeletas:"
    " inscríbalo con el código que le dio su organización",
)
_REVOKED_NOTICE = bilingual_wording(
    "This device may draw no more ballots; answers that wait are still sent."
    " Ask for a new enrolment code, and enrol with it again (--again; again=True)",
    "Este dispositivo ya no puede obtener papeletas; las respuestas pendientes sí se"
    " envían. Pida otro código y vuelva a inscribirlo con él (--again; again=True)",
)
_ALREADY_DRAWN_NOTICE = bilingual_wording(
    "{}: a ballot was drawn on another phone, or here before a reset; you cannot answer"
    " this pulse on this device",
    "{}: ya se obtuvo una papeleta en otro teléfono, o aquí antes de restablecerlo; en"
    " este dispositivo no puede responder a este pulso",
)
_NO_BALLOT_REASONS = {
    "not_drawable": bilingual_wording(
        "the service gives no ballot for this pulse now",
        "el servicio no da ahora papeletas para este pulso",
    ),
    "not_eligible": bilingual_wording(
        "you were not in this group when the pulse was announced",
        "usted no estaba en este grupo cuando se anunció el pulso",
    ),
    "wrong_key": bilingual_wording(
        "the service uses another key than the one in this pulse's charter",
        "el servicio usa una clave distinta de la que figura en la carta de este pulso",
    ),
    "blinded_invalid": bilingual_wording(
        "the service could not read the request",
        "el servicio no pudo leer la petición",
    ),
}
_NO_BALLOT_NOW_NOTICE = bilingual_wording(
    "{}: no ballot now: {}", "{}: por ahora, sin papeleta: {}"
)
_NO_BALLOT_NOTICE = bilingual_wording("{}: no ballot: {}", "{}: sin papeleta: {}")
_REASON_WITH_CODE = bilingual_wording("{} ({})", "{} ({})")
_CANCELLED_NOTICE = bilingual_wording(
    "A pulse was cancelled: {}", "Se canceló un pulso: {}"
)
_REFUSED_NOTICE = bilingual_wording(
    "This device did not accept a pulse: {}", "Este dispositivo no aceptó un pulso: {}"
)
_UNREADABLE_NOTICE = bilingual_wording(
    "A ballot on this device cannot be read any more: you cannot answer that pulse"
    " here, nor withdraw an answer to it",
    "Una papeleta de este dispositivo ya no se puede leer: aquí no puede responder a"
    " ese pulso ni retirar una respuesta",
)
_RESTORED_NOTICE = bilingual_wording(
    "The service was restored from a backup: {} kept on this device will be sent again",
    "El servicio se restauró desde una copia de seguridad: se volverá a"
    " enviar lo que se conserva en este dispositivo: {}",
)


@dataclass(frozen=True)
class CommittedDraw:
    """A committed draw, with its key and group.

    Attributes:
        draw: as it was committed.
        key: the key that it is under.
        group: the group's name.
        closed: whether its wave is no longer listed.
    """

    draw: Draw
    key: BallotKey
    group: str
    closed: bool = False


def commit_draw(
    document_cache: DocumentCache, draws: Draws, wave: ListedWave, epoch: str
) -> CommittedDraw | None:
    """Checks a wave's documents and commits a draw under its group's key.

    A draw that was committed before is used again, never replaced.

    Args:
        document_cache: the documents of the wave.
        draws: where draws and ballots are stored.
        wave: as the poll book lists it.
        epoch: the server's epoch now.

    Returns:
        None if the device has the wave's ballot already.

    Raises:
        DocumentRefused: names the check that failed.
    """
    charter = document_cache.accepted_charter(wave.wave_id, wave.charter_digest)
    if draws.ballot(wave.wave_id) is not None:
        return None
    key = document_cache.key(charter.key_for(wave.voting_team_id))
    document_cache.instrument(charter.instrument_digest)
    draw = draws.pending(wave.wave_id) or draws.commit(
        minting.mint(wave.wave_id, wave.voting_team_id, key, charter.digest, epoch)
    )
    if draw.kid != key.kid:
        raise CharterRefused("this group's key changed after a draw was made")
    return CommittedDraw(draw, key, charter.groups[wave.voting_team_id].name)


class BallotDrawer:
    """One round: pull the list, check the documents, commit draws, have them signed.

    Every step is on disk before the next one begins, so a round may end anywhere and
    the next one goes on from there.

    Args:
        pollbook: lists the waves and signs.
        document_cache: the documents of the waves.
        draws: where draws and ballots are stored.
        namespace: the person's.
        shared: the namespace that the whole file shares.
        clock: the device's.
        counter: collects the results.
    """

    def __init__(
        self,
        pollbook: PollBook,
        document_cache: DocumentCache,
        draws: Draws,
        namespace: Namespace,
        shared: Namespace,
        clock: DeviceClock,
        counter: SyncCounter,
    ) -> None:
        self._pollbook = pollbook
        self._document_cache = document_cache
        self._draws = draws
        self._documents = Documents(namespace)
        self._namespace = namespace
        self._shared = shared
        self._clock = clock
        self._counter = counter

    def run(self) -> bool:
        """Runs the round; a problem that stops it is counted, not raised.

        Returns:
            Whether there is a connection, so that a round for the next person is worth
            trying.

        Raises:
            OutboxUnusable: the file cannot be read or written at all. A corrupt value
                of this person and a full file are counted.
        """
        try:
            self._run()
        except (GrantInvalid, DeviceRevoked):
            self._counter.record_code_needed(_REVOKED_NOTICE)
        except RapportError as problem:
            _raise_if_unusable(problem)
            self._counter.record_problem(problem)
            return not isinstance(problem, TransportFailure | RetryLater)
        return True

    def _run(self) -> None:
        if not self._pollbook.is_enrolled:
            self._counter.record_code_needed(NOT_ENROLLED)
            return
        stored = self._documents.get(SYNC_PATH)
        newest, date = self._pollbook.pull(stored)
        listed = read_list(newest.body)
        has_charters = self._observe_time(listed, date)
        self._record_contact(listed)
        if newest is not stored:
            self._documents.keep(SYNC_PATH, newest)
        for wave in listed.cancelled:
            if self._draws.cancel(wave.wave_id, wave.reason):
                self._counter.notices.append(_CANCELLED_NOTICE.format(wave.reason))
        if listed.revoked:
            self._counter.record_code_needed(_REVOKED_NOTICE)
            return
        draws = [
            committed
            for wave in listed.drawable
            if (committed := self._prepare_draw(wave, listed.epoch)) is not None
        ]
        if not has_charters:
            self._observe_time(listed, date)  # with the charters that came just now
        draws += self._closed_draws(listed)
        for start in range(0, len(draws), MAX_DRAWS_PER_REQUEST):
            self._draw(draws[start : start + MAX_DRAWS_PER_REQUEST])

    def _observe_time(self, listed: WaveList, date: ServerDate | None) -> bool:
        """Sets the clock by a list and its date; whether all charters are here."""
        charters = [
            (
                self._document_cache.stored_charter(wave.wave_id, wave.charter_digest),
                wave.is_open,
            )
            for wave in listed.drawable
        ]
        known = [(charter, is_open) for charter, is_open in charters if charter]
        self._clock.observe(date, build_window(known))
        return len(known) == len(charters)

    def _record_contact(self, listed: WaveList) -> None:
        """Records limits and epoch, and offers items again if the epoch is new."""
        last_contact.save_limits(self._shared, listed.limits)
        offered = retention.reoffer(self._namespace, listed.epoch, self._clock.now())
        if offered:
            self._counter.notices.append(
                _RESTORED_NOTICE.format(_count_phrase(offered))
            )

    def _prepare_draw(self, wave: ListedWave, epoch: str) -> CommittedDraw | None:
        """Commits the wave's draw; None if it has a ballot or must not have one."""
        return self._try_draw(
            lambda: commit_draw(self._document_cache, self._draws, wave, epoch)
        )

    def _try_draw(
        self, make: Callable[[], CommittedDraw | None]
    ) -> CommittedDraw | None:
        """Makes a draw; None if that is impossible for this wave, which is counted."""
        try:
            return make()
        except DocumentRefused as refusal:
            self._counter.notices.append(_REFUSED_NOTICE.format(refusal))
        except OutboxDamaged:
            self._counter.notices.append(_UNREADABLE_NOTICE)
        except (ProblemError, UnexpectedReply) as problem:
            self._counter.record_problem(problem)
        return None

    def _closed_draws(self, listed: WaveList) -> list[CommittedDraw]:
        """Pending draws of closed waves: their reply may have been lost.

        The service repeats a signature until the seal, so the device asks until the
        service says that there is none.
        """
        waves = {wave.wave_id for wave in listed.drawable}
        waves |= {wave.wave_id for wave in listed.cancelled}
        draws = [
            self._try_draw(partial(_closed_draw, self._document_cache, draw))
            for draw in self._draws.all_pending()
            if draw.wave_id not in waves
        ]
        return [committed for committed in draws if committed is not None]

    def _draw(self, draws: list[CommittedDraw]) -> None:
        signed = self._pollbook.draw(
            [
                DrawRequest(each.draw.wave_id, each.draw.kid, each.draw.blinded)
                for each in draws
            ]
        )
        for each in draws:
            self._finish(each, signed[each.draw.wave_id])

    def _finish(self, committed: CommittedDraw, signed: DrawResult) -> None:
        match signed.status:
            case "signed":
                try:
                    ballot = minting.finish(
                        committed.draw, committed.key, signed.signature
                    )
                except SignatureInvalid as error:
                    self._counter.notices.append(
                        _NO_BALLOT_NOTICE.format(committed.group, error)
                    )
                    return
                self._draws.finish(committed.draw, ballot)
                self._counter.drawn += 1
            case "already_drawn":
                self._counter.notices.append(
                    _ALREADY_DRAWN_NOTICE.format(committed.group)
                )
                self._abandon_if_closed(committed)
            case other:
                reason = (
                    _REASON_WITH_CODE.format(_NO_BALLOT_REASONS[other], other)
                    if other in _NO_BALLOT_REASONS
                    else other
                )
                self._counter.notices.append(
                    _NO_BALLOT_NOW_NOTICE.format(committed.group, reason)
                )
                self._abandon_if_closed(committed)

    def _abandon_if_closed(self, committed: CommittedDraw) -> None:
        """Erases the draw of a wave that is no longer listed."""
        if committed.closed:
            self._draws.abandon(committed.draw.wave_id)


def _raise_if_unusable(problem: RapportError) -> None:
    is_partial = isinstance(problem, OutboxDamaged | OutboxFull)
    if isinstance(problem, OutboxUnusable) and not is_partial:
        raise problem


def _closed_draw(document_cache: DocumentCache, draw: Draw) -> CommittedDraw:
    group = document_cache.charter(draw.wave_id, draw.charter_digest).groups[
        draw.voting_team_id
    ]
    return CommittedDraw(draw, document_cache.key(draw.kid), group.name, closed=True)


def _count_phrase(items: int) -> Wording:
    if items == 1:
        return bilingual_wording("an item that is", "1 envío")
    return bilingual_wording(f"{items} items that are", f"{items} envíos")
