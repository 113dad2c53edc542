"""Texts in two languages, and the language of a computer."""

import pytest

from rapport_client._wording import bilingual_wording, read_locale
from rapport_client.errors import PulseNotOpen, RetryLater, Unreachable

GREETING = bilingual_wording("{}: good day, {}", "{}: buenos días, {}")
NAME = bilingual_wording("colleague", "colega")


def test_gaps_are_filled_in_each_language_and_by_it():
    filled = GREETING.format("North {}", NAME)

    assert str(filled) == "North {}: good day, colleague"
    assert filled.in_language("es-MX") == "North {}: buenos días, colega"
    assert filled.in_language("fr") == str(filled)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "es_MX.UTF-8"}, "es_MX"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_ES@euro"}, "es_ES"),
        ({"LANG": "es_ES", "LC_ALL": "C"}, "en"),
        ({"LANG": "es_ES", "LC_ALL": ""}, "es_ES"),
    ],
)
def test_language_of_a_computer_is_that_of_its_messages(environment, language):
    assert read_locale(environment) == language


def test_exception_has_its_text_in_both_languages():
    assert str(Unreachable(NAME)) == "colleague"
    assert Unreachable(NAME).in_language("es") == "colega"
    assert "dentro de 3 segundos" in RetryLater(2.5).in_language("es")


def test_exception_that_is_not_translated_is_in_english():
    assert PulseNotOpen("not now").in_language("es") == "not now"
    assert str(PulseNotOpen()) == ""
