"""Names and ids: one form, nothing that hides, and no two that are alike."""

# ruff: noqa: RUF001  # letters of many scripts

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_schemas.names import (
    clash_key,
    find_clashes,
    find_id_faults,
    find_name_faults,
    find_person_id_faults,
    is_plain,
    normalize_name,
)

GOOD = {
    "letters": "Intake North",
    "accents": "Niño Íñigo",
    "a joiner between Persian letters": "می\u200cخواهم",
    "a joiner after a virama": "क\u094d\u200dष",
    "a family of emoji": "👩\u200d👩\u200d👧",
    "a coloured doctor": "👩🏽\u200d⚕\ufe0f",
    "a heart": "❤\ufe0f",
    "a keycap": "1\ufe0f\u20e3",
    "an ideograph with a selector": "葛\U000e0100城",
    "Hebrew": "דוד",
}

HIDDEN = {
    "ab\u200bc": "ZERO WIDTH SPACE at position 3",
    "\ufeffab": "ZERO WIDTH NO-BREAK SPACE at position 1",
    "ab\u202ecd": "RIGHT-TO-LEFT OVERRIDE at position 3",
    "ab\u2066cd\u2069": "LEFT-TO-RIGHT ISOLATE at position 3",
    "a\u200fb": "RIGHT-TO-LEFT MARK at position 2",
    "a\u00adb": "SOFT HYPHEN at position 2",
    "a\u00a0b": "NO-BREAK SPACE at position 2",
    "ab\n": "LINE FEED at position 3",
    "a\tb": "TAB at position 2",
    "\0": "NULL at position 1",
    "a\u2028b": "LINE SEPARATOR at position 2",
    "a\u0007b": "CONTROL CHARACTER U+0007 at position 2",
    "a\ue000b": "PRIVATE USE CHARACTER U+E000 at position 2",
    "a\ud800b": "SURROGATE U+D800 at position 2",
    "a\u3164b": "HANGUL FILLER at position 2",
    "a\u2800b": "BRAILLE PATTERN BLANK at position 2",
    "a\u034fb": "COMBINING GRAPHEME JOINER at position 2",
    "\u200dab": "ZERO WIDTH JOINER at position 1",
    "ab\u200d": "ZERO WIDTH JOINER at position 3",
    "a\u200d b": "ZERO WIDTH JOINER at position 2",
    "1\u200d2": "ZERO WIDTH JOINER at position 2",
    "ب\u200d\u200dب": "ZERO WIDTH JOINER at position 2",
    "👩\u200c👧": "ZERO WIDTH NON-JOINER at position 2",
    "a\ufe0fb": "VARIATION SELECTOR-16 at position 2",
    "\ufe0fa": "VARIATION SELECTOR-16 at position 1",
    "🏴\U000e0067": "TAG LATIN SMALL LETTER G at position 2",
}


@pytest.mark.parametrize("name", GOOD.values(), ids=GOOD)
def test_name_is_taken_as_people_write_it(name):
    assert find_name_faults(name) == []
    assert find_person_id_faults(name) == []


@pytest.mark.parametrize("name", HIDDEN, ids=HIDDEN.values())
def test_invisible_character_is_refused_by_its_name_and_place(name):
    faults = find_name_faults(name)

    assert [fault.detail for fault in faults] == [
        f"must not have the invisible {HIDDEN[name]}"
    ]
    assert find_id_faults(name)[0] == faults[0]


@pytest.mark.parametrize("name", [" a", "a ", " "])
def test_space_at_an_end_is_refused(name):
    assert [fault.detail for fault in find_name_faults(name)] == [
        "must not begin or end with a space"
    ]


@pytest.mark.parametrize(
    "name", [".", "..", "/x", "x/", "a//b", "a/./b", "a/../b", "/", "-x", "--", "-"]
)
def test_id_that_no_address_or_command_can_have_is_refused(name):
    assert len(find_id_faults(name)) == 1
    assert find_name_faults(name) == []


@pytest.mark.parametrize("name", ["...", ".x", "x.", "a/b", "a..b", "a-", "?", "%2F"])
def test_id_that_looks_odd_is_taken(name):
    assert find_id_faults(name) == []


@pytest.mark.parametrize("name", ["admin", "Admin", "ADMIN", "ad\u200dmin"])
def test_first_administrators_id_is_reserved(name):
    assert [fault.code for fault in find_person_id_faults(name)] == ["reserved"]
    assert find_id_faults(name) == []


names = st.text(
    st.sampled_from("aAéÉßſKK\u0301\u200c\u200d\ufe0fی") | st.characters(),
    max_size=6,
)


@given(names)
def test_form_and_key_are_fixed_points(name):
    form = normalize_name(name)

    assert normalize_name(form) == form == unicodedata.normalize("NFC", name)
    assert clash_key(form) == clash_key(name)
    assert clash_key(name.upper().lower()) == clash_key(name.lower()) or any(
        character.upper().lower() != character.lower() for character in name
    )


@given(names)
def test_good_name_has_no_character_of_the_kinds_that_hide(name):
    if find_name_faults(name):
        return
    for character in name:
        assert character.isprintable() or character in "\u200c\u200d"
    assert name == name.strip()


@given(names | st.from_regex(r"[A-Za-z0-9 ._/-]{0,6}", fullmatch=True))
def test_plain_name_breaks_no_rule(name):
    if is_plain(name):
        assert find_person_id_faults(name) == []
        assert normalize_name(name) == name


@given(st.lists(names, max_size=8))
def test_every_clash_is_with_the_first_of_its_kind(listed):
    clashes = dict(find_clashes(listed))

    for index, name in enumerate(listed):
        earlier = [
            each for each in listed[:index] if clash_key(each) == clash_key(name)
        ]
        assert clashes.get(index) == (earlier[0] if earlier else None)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("ni\u00f1o", "nin\u0303o"),
        ("Ann", "ann"),
        ("STRASSE", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("\u212a1", "k1"),
        ("می\u200cخواهم", "میخواهم"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_alike_names_have_one_key(name, other):
    assert clash_key(name) == clash_key(other)


@pytest.mark.parametrize(
    ("name", "other"), [("nino", "niño"), ("a1", "al"), ("a", "а")]
)
def test_names_that_only_look_alike_are_two(name, other):
    assert clash_key(name) != clash_key(other)
