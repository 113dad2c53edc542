import pytest

from tests.casting import cast, crowd
from tests.disclosure_through_http.attacker import DIRECTOR, Reader

CONSTRUCTS = ("trust", "communication", "overall")


def answered(agency, press, texts):
    """One more wave, a fortnight after the last, in which team a gives these texts."""
    wave = agency.announce()
    cast(press, agency, wave, {"a": texts})
    agency.seal()
    return Reader(agency).document("a")


def words(document, member):
    figures = document["constructs"]
    return {name: figures[name][member] for name in CONSTRUCTS}


@pytest.fixture
def agency(house):
    return house.agency({"a": 20}, supervises=DIRECTOR)


@pytest.mark.parametrize("people", [8, 16])
def test_a_first_wave_knows_no_change_and_the_next_do(agency, press, people):
    first = answered(agency, press, crowd(people, 3))
    same = answered(agency, press, crowd(people, 3))
    after = answered(agency, press, crowd(people, 3))

    assert set(words(first, "change").values()) == {None}
    assert set(words(same, "change").values()) == {"no_clear_change"}
    assert words(after, "change") == words(same, "change")
