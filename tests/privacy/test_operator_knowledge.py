"""Sentences of docs/security/what-the-operator-can-learn.md, one test each.

A test reads what an operator has, through no door: every row of an organization, the
files of the database, the sealing folder. It shows what can be learned as well as what
cannot.
"""

from collections import Counter

import pytest
from sqlalchemy import select

from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.core.db import Base, db
from rapport_service.encoding import base64url
from rapport_service.envelope.hpke import envelope_info, open_envelope
from rapport_service.pollbook.models import Device, Draw, Elector, PrivateKey
from rapport_service.registry.models import BallotKey, Charter, Release, Score
from rapport_service.registry.sealing import key_name
from rapport_service.releases.sealing_keys import SealingFolder, SealingFolders
from tests.support.ballots import stored_hash
from tests.support.http_phone import content, item, submit, withdrawal
from tests.support.rows import find_on_disk, rows_of

PHONES, SENT = 7, 6


@pytest.fixture
def agency(service):
    """Eight people, of whom seven have a phone and one has none."""
    return service.agency({"a": 8})


@pytest.fixture
def wave(agency):
    return agency.announce()


@pytest.fixture
def sent(service, agency, wave):
    """Six answers by their ballots, in the order in which they came."""
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, PHONES + 1)]
    answers = {
        ballot: content(form, value=1 + form % 5)
        for form, ballot in enumerate(ballots[:SENT])
    }
    submit(service.http, *(item(*answer) for answer in answers.items()))
    return answers


def folders(service):
    return SealingFolders((SealingFolder(service.sealing_folder),), is_complete=True)


def person_ids(rows):
    return {row.person_id for row in rows}


# Before the seal, with the database.


@pytest.mark.usefixtures("sent")
def test_database_before_the_seal_names_those_who_drew(agency):
    drawn = person_ids(rows_of(Draw, agency))

    assert drawn == person_ids(rows_of(Device, agency))
    assert len(person_ids(rows_of(Elector, agency)) - drawn) == 1


@pytest.mark.usefixtures("sent")
def test_database_before_the_seal_counts_envelopes_by_ballot_key(agency):
    (key,) = rows_of(BallotKey, agency)

    counts = Counter(row.kid for row in rows_of(Submission, agency))

    assert counts == {key.kid: SENT}


def test_database_before_the_seal_has_no_readable_answer(agency, sent):
    plaintexts = {frozen.plaintext.rstrip() for frozen in sent.values()}

    assert find_on_disk(plaintexts) == set()
    assert not rows_of(Answer, agency)


@pytest.mark.usefixtures("sent")
def test_draw_before_the_seal_says_nothing_of_an_answer(agency, wave):
    """A draw shows no answer: one who drew may send, later or never."""
    before = values(agency, "submissions")

    ballot = agency.phone("a-8").draw(wave)

    assert values(agency, "submissions") == before
    assert stored_hash(ballot) not in {
        row.ballot_hash for row in rows_of(Submission, agency)
    }
    assert len(rows_of(Draw, agency)) == PHONES + 1


# After the seal, with the database.


@pytest.mark.usefixtures("sent")
def test_database_after_the_seal_forgets_who_drew(agency):
    signatures = {row.signature for row in rows_of(Draw, agency)}

    agency.seal()

    assert not rows_of(Draw, agency)
    assert not rows_of(PrivateKey, agency)
    assert {row.kid for row in rows_of(Elector, agency)} == {None}
    assert find_on_disk(signatures) == set()


def test_database_after_the_seal_forgets_envelopes_and_their_keys(agency, sent):
    envelopes = {row.envelope for row in rows_of(Submission, agency)}

    agency.seal()

    assert not rows_of(Submission, agency)
    assert find_on_disk(envelopes) == set()
    spent = rows_of(SpentBallot, agency)
    assert {row.ballot_hash for row in spent} == {
        stored_hash(ballot) for ballot in sent
    }
    assert {column.key for column in SpentBallot.__table__.columns} == {
        *("organization_id", "wave_id", "ballot_hash", "digest", "status")
    }


def test_database_after_the_seal_has_each_answer_of_a_released_group(agency, sent):
    agency.seal()

    rows = rows_of(Answer, agency)

    assert Counter(row.form for row in rows) == Counter(range(SENT))
    assert len({row.team_id for row in rows}) == 1
    assert len(rows) == len(sent)  # where readers see a band


@pytest.mark.usefixtures("sent")
def test_database_after_the_seal_has_no_answer_of_a_group_that_is_not_released(
    service,
):
    few = service.agency({"a": 8})
    wave = few.announce()
    ballots = [few.phone(f"a-{n}").draw(wave) for n in range(1, 5)]
    submit(service.http, *(item(ballot, content()) for ballot in ballots))

    few.seal()

    assert rows_of(Release, few)
    assert not rows_of(Answer, few)
    assert len(rows_of(SpentBallot, few)) == 4


@pytest.mark.usefixtures("sent")
def test_database_after_the_seal_keeps_the_electorate_and_the_phones(agency):
    agency.seal()

    electors = person_ids(rows_of(Elector, agency))
    assert len(electors) == 8
    assert len(electors - person_ids(rows_of(Device, agency))) == 1


@pytest.mark.parametrize("sealed", [False, True])
def test_holder_of_a_ballot_learns_what_became_of_it_alone(
    service, agency, sent, sealed
):
    ballot, frozen = next(iter(sent.items()))
    if sealed:
        agency.seal()

    (again,) = submit(service.http, item(ballot, frozen))
    (other,) = submit(service.http, item(ballot, content()))

    assert again["status"] == "duplicate"
    assert (other["status"], other["reason"]) == ("final", "envelope_conflict")
    digest = base64url.decode(again["digest"])
    holding = [
        name
        for name in Base.metadata.tables
        if {stored_hash(ballot), again["digest"], digest} & values(agency, name)
    ]
    assert holding == ["spent_ballots" if sealed else "submissions"]


def test_withdrawn_ballots_are_counted_like_the_others(service, agency, sent):
    submit(service.http, withdrawal(next(iter(sent))))
    agency.seal()

    statuses = Counter(row.status for row in rows_of(SpentBallot, agency))

    assert statuses == {"withdrawn": 1, "accepted": SENT - 1}


@pytest.mark.usefixtures("sent")
def test_documents_say_in_a_band_how_many_envelopes_were_invalid(agency):
    agency.seal()

    (release,) = rows_of(Release, agency)

    assert isinstance(release.invalid_band, str)
    assert rows_of(Score, agency)


# With the sealing folder.


def test_sealing_folder_with_the_database_of_its_time_opens_envelopes(
    service, agency, wave, sent
):
    """Each answer with its key, next to those who drew; which of them, nothing says."""
    key = folders(service).load_key(key_name(agency.wave(wave)))
    (charter,) = rows_of(Charter, agency)
    rows = rows_of(Submission, agency)

    opened = {
        open_envelope(
            key,
            row.envelope,
            envelope_info(row.kid, row.ballot_hash, base64url.decode(charter.digest)),
        )
        for row in rows
    }

    assert opened == {frozen.plaintext for frozen in sent.values()}
    assert len(person_ids(rows_of(Draw, agency))) == PHONES


def test_sealing_folder_after_the_seal_has_no_key_and_no_answer(service, agency, sent):
    (wave,) = {row.wave_id for row in rows_of(Elector, agency)}
    public_id = f"{agency.id}.{wave}"
    name = key_name(agency.wave(public_id))
    assert folders(service).load_key(name) is not None

    agency.seal()

    assert folders(service).load_key(name) is None
    kept = b"".join(
        path.read_bytes()
        for path in service.sealing_folder.rglob("*")
        if path.is_file()
    )
    assert not any(frozen.plaintext.rstrip() in kept for frozen in sent.values())


def values(agency, name):
    """Every value of an organization's rows of a table, through no door."""
    table = Base.metadata.tables[name]
    if "organization_id" not in table.c:
        return set()
    with db.engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.organization_id == agency.id)
        ).all()
    return {
        str(value) if isinstance(value, list) else value
        for row in rows
        for value in row
    }
