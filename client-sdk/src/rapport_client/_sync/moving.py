"""Move of an outbox to another address of its service, which has to prove that it is.

No answer and no secret goes to an address before it showed the public key that signed
the tokens on this device. A copy of that key is not enough: the tokens that it then
gives must be signed with it, too, or nothing is changed.
"""

from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from itertools import chain

from rapport_client._http import drive, parse_origin
from rapport_client._outbox import retention
from rapport_client._outbox.namespace import Namespace, list_people
from rapport_client._outbox.origins import Origins, load_origins
from rapport_client._protocol.access_tokens import fetch_key_set
from rapport_client._protocol.pull import charter_path, fetch
from rapport_client._pulses.charter import Charter, parse_charter
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._wording import bilingual_wording
from rapport_client.errors import (
    DeviceRevoked,
    DocumentRefused,
    GrantInvalid,
    MoveRefused,
    OutboxDamaged,
    ProblemError,
)

_NOT_ENROLLED_MESSAGE = bilingual_wording(
    "only a person who is enrolled can move an outbox; nothing was sent; name that"
    " person (--person; person=), or enrol at the new address",
    "solo una persona inscrita puede trasladar el archivo; no se envió nada; indique"
    " esa persona (--person; person=) o inscríbase en la dirección nueva",
)
_NO_TLS_MESSAGE = bilingual_wording(
    "{} has no TLS, and this outbox was enrolled over https; nothing was sent; use an"
    " address that begins with https://",
    "{} no tiene TLS, y este archivo se inscribió por https; no se envió nada; use una"
    " dirección que empiece por https://",
)
_STRANGER_MESSAGE = bilingual_wording(
    "{} is not the service of this outbox: it does not have the key that signed the"
    " tokens here; nothing was changed; ask your agency for the right address",
    "{} no es el servicio de este archivo: no tiene la clave que firmó los tokens de"
    " aquí; no se cambió nada; pida a su organización la dirección correcta",
)
_WRONG_BALLOT_BOX_MESSAGE = bilingual_wording(
    "{} does not have the charter of your pulse, so it is not the ballot box of your"
    " service; nothing was changed; ask your agency for the right address"
    " (--ballot-box; ballot_box=)",
    "{} no tiene la carta de su pulso, así que no es la urna de su servicio; no se"
    " cambió nada; pida a su organización la dirección correcta (--ballot-box;"
    " ballot_box=)",
)
_ENDED_MESSAGE = bilingual_wording(
    "{} says that the enrolment of this device has ended; nothing was changed; ask for"
    " a new code, and move with it (--code; code=)",
    "{} dice que la inscripción de este dispositivo terminó; no se cambió nada; pida"
    " otro código y traslade el archivo con él (--code; code=)",
)


def move(
    file: DeviceFile,
    accounts: Sequence[Account],
    server: str,
    ballot_box: str | None,
    code: str | None = None,
) -> None:
    """Moves an outbox, with all people on it, to another address of its service.

    Items that died because the ballot box did not know their key are queued again.

    Args:
        file: the outbox.
        accounts: people whose tokens may prove it; the first that can does.
        server: the new address of the service.
        ballot_box: the new address of its ballot box; None if that is the same as
            before, or the service's own.
        code: a new code of the person, where the enrolment has ended.

    Raises:
        MoveRefused: the proof failed; nothing was changed.
        RapportError: as the requests do; nothing was changed.
        ValueError: an address is not one.
    """
    server = parse_origin(server)
    ballot_box = None if ballot_box is None else parse_origin(ballot_box)
    with file.sync_lock:
        stored = None
        with suppress(OutboxDamaged):  # a move replaces what cannot be read any more
            stored = load_origins(file.shared)
        if not any(account.pollbook.is_enrolled for account in accounts):
            raise MoveRefused(_NOT_ENROLLED_MESSAGE)
        if ballot_box is None:
            has_own = stored is not None and stored.ballot_box != stored.server
            ballot_box = stored.ballot_box if stored and has_own else server
        target = Origins(server, ballot_box)
        if target != stored:
            _prove(file, accounts, stored, target, code)
        file.follow_move()
        for name in list_people(file.database):
            retention.offer_unknown_keys(Namespace.for_person(file.database, name))


def _prove(
    file: DeviceFile,
    accounts: Sequence[Account],
    stored: Origins | None,
    target: Origins,
    code: str | None,
) -> None:
    """Lets the service prove itself, and stores its new tokens with its addresses."""
    if stored is not None and stored.server.startswith("https:"):
        for address in (target.server, target.ballot_box):
            if not address.startswith("https:"):
                raise MoveRefused(_NO_TLS_MESSAGE.format(address))
    keys = drive(fetch_key_set(target.server), file.gated_transport.send)
    known = [each for each in accounts if each.pollbook.identify(keys) is not None]
    if not known:
        raise MoveRefused(_STRANGER_MESSAGE.format(target.server))
    if target.ballot_box not in {target.server, stored and stored.ballot_box}:
        _check_ballot_box(file, accounts, target.ballot_box)
    for account in known:
        with suppress(GrantInvalid, DeviceRevoked):
            account.pollbook.move(target, keys, code)
            return
    raise MoveRefused(_ENDED_MESSAGE.format(target.server))


def _check_ballot_box(
    file: DeviceFile, accounts: Sequence[Account], ballot_box: str
) -> None:
    """Asks a ballot box for the charter of the newest pulse on this device, if any."""
    charters = list(chain.from_iterable(map(_stored_charters, accounts)))
    if not charters:
        return
    newest = max(charters, key=lambda charter: charter.closes_at)
    try:
        body = drive(
            fetch(ballot_box, charter_path(newest.wave_id)), file.gated_transport.send
        )
        parse_charter(body, newest.digest, newest.wave_id)
    except (ProblemError, DocumentRefused) as error:
        if isinstance(error, ProblemError) and error.status != HTTPStatus.NOT_FOUND:
            raise
        raise MoveRefused(_WRONG_BALLOT_BOX_MESSAGE.format(ballot_box)) from error


def _stored_charters(account: Account) -> list[Charter]:
    charters = (
        account.document_cache.stored_charter(ballot.wave_id, ballot.charter_digest)
        for ballot in account.draws.ballots()
    )
    return [charter for charter in charters if charter is not None]
