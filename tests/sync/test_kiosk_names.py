"""Names of people on a kiosk follow the rule that the roster has for names."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rapport_client import Gateway, RapportError
from rapport_client._outbox.names import clash_key, require_name
from rapport_schemas import names

JOSE, JOSE_IN_PARTS = "Jos\u00e9", "Jose\u0301"

TEXTS = st.text(
    st.sampled_from(
        "aZ\u00e9\u0301 \t\n-./\u200b\u200c\u200d\ufe0f\u202e\u2d7f\U0001107f"
        "\u0928\u094d\U0001f469\U0001f4bb\u20e31\u00df\u2800"
    )
    | st.characters(),
    min_size=1,
    max_size=8,
)


@pytest.fixture
def kiosk(tmp_path):
    with Gateway(tmp_path / "kiosk.db", "http://127.0.0.1:9") as gateway:
        yield gateway


@given(TEXTS)
@example("\U0001f469\u200d\U0001f4bb")
@example("\u0928\u094d\u200d\u0930")
@example("\ud800")
def test_name_is_taken_where_a_roster_takes_it_and_in_the_same_form(text):
    form = names.normalize_name(text)
    if names.find_name_faults(form):
        with pytest.raises(ValueError, match="a name must not"):
            require_name(text)
    else:
        assert require_name(text) == form


@given(TEXTS, TEXTS)
def test_names_clash_where_they_clash_in_a_roster(name, other):
    assert (clash_key(name) == clash_key(other)) == (
        names.clash_key(name) == names.clash_key(other)
    )


def try_to_enrol(person):
    """The person is on the kiosk from then on: a device is committed before it asks."""
    with pytest.raises(RapportError):
        person.enrol("acme-7QFM-29XK-T4WD")


def test_person_is_the_same_however_the_name_was_typed(kiosk):
    assert unicodedata.normalize("NFD", JOSE) == JOSE_IN_PARTS

    for name in (JOSE, JOSE_IN_PARTS):
        try_to_enrol(kiosk.person(name))

    assert kiosk.people() == [JOSE]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("maria\n", "LINE FEED at position 6"),
        ("ma\u202eria", "RIGHT-TO-LEFT OVERRIDE at position 3"),
        ("\ud800", "SURROGATE U\\+D800 at position 1"),
        (" maria", "begin or end with a space"),
        ("", "1 to 200 characters"),
        ("m" * 201, "1 to 200 characters"),
    ],
)
def test_name_that_hides_something_is_refused_by_name_and_place(kiosk, name, what):
    with pytest.raises(ValueError, match=what):
        kiosk.person(name)


def test_name_like_one_that_is_here_is_refused_with_both(kiosk):
    try_to_enrol(kiosk.person("maria"))

    with pytest.raises(ValueError, match="'Maria' looks like 'maria'"):
        kiosk.person("Maria")
