"""What is erased stands in no file any more, the write-ahead log among them."""

from peer.faults import at, clear, drop_request
from peer.frozen import KEEP
from peer.service import CODE

STEP, SLICE = 16, 48


def stands_in(folder, value):
    """The files in which any part of a value stands: pages cut long values."""
    slices = [value[at : at + SLICE] for at in range(0, len(value) - SLICE, STEP)]
    return [
        path.name
        for path in folder.iterdir()
        if any(each in path.read_bytes() for each in slices)
    ]


def sealed(phone, query):
    ((value,),) = phone._me.space.database.read(query)
    return value


ITEM = "SELECT item FROM outbox"


def test_an_answer_whose_period_is_over(settled, true, tmp_path):
    value = sealed(settled, ITEM)
    assert stands_in(tmp_path, value)
    true.pass_by(seconds=KEEP)

    settled.sync()

    assert stands_in(tmp_path, value) == []


def test_what_a_process_erased_that_died_before_the_log_was_empty(
    settled, new_phone, true, tmp_path, monkeypatch
):
    value = sealed(settled, ITEM)
    true.pass_by(seconds=KEEP)
    monkeypatch.setattr(settled._me.space.database, "forget_log", lambda: None)
    settled.sync()
    assert stands_in(tmp_path, value)

    new_phone(clock=true).sync()  # another process; the dead one never closed the file

    assert stands_in(tmp_path, value) == []


def test_the_salt_and_the_factor_of_a_ballot_that_is_finished(
    new_phone, peer, tmp_path
):
    """They alone could prove which blinded value the ballot came from."""
    phone = new_phone()
    phone.enrol(CODE)
    peer.interfere = at("/v1/ballots", drop_request)
    phone.sync()
    value = sealed(phone, "SELECT value FROM records WHERE kind = 'draw'")
    assert stands_in(tmp_path, value)
    peer.interfere = clear

    phone.sync()

    assert stands_in(tmp_path, value) == []
