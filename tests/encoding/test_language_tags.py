"""Look-up of a language (RFC 4647, section 3.4), by the service and by the SDK."""

import pytest

from rapport_client._wording import look_up_language as look_up_on_the_phone
from rapport_service.encoding.language_tags import look_up_language

BOTH = ("en", "es")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("es-MX", "es"),
        ("es-419", "es"),
        ("Es-Latn-mx-x-north", "es"),
        ("es-u-ca-gregory", "es"),
        ("en-US", "en"),
        ("de", None),
        ("est", None),
        ("x-es", None),
        ("*", None),
        ("", None),
        ("-", None),
        ("español", None),
    ],
)
def test_region_and_case_make_no_difference(tag, language):
    assert look_up_language([tag], BOTH) == language
    assert look_up_on_the_phone(tag, BOTH) == language


def test_example_of_the_standard():
    steps = ("zh-Hant-CN-x-private1", "zh-Hant-CN", "zh-Hant", "zh")

    for tag in steps:
        assert look_up_language(["zh-Hant-CN-x-private1-private2"], [tag]) == tag
        assert look_up_on_the_phone("zh-Hant-CN-x-private1-private2", [tag]) == tag
    assert look_up_language(["zh-Hant-CN-x-a1"], ["zh-Hant-CN-x"]) is None


def test_most_exact_language_comes_first():
    assert look_up_language(["pt-BR-x-a"], ["pt", "pt-br"]) == "pt-br"
    assert look_up_on_the_phone("pt-BR-x-a", ["pt", "pt-br"]) == "pt-br"


def test_first_range_with_a_language_decides():
    assert look_up_language(["de-CH", "es-MX", "en"], BOTH) == "es"
