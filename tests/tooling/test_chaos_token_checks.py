"""Checks of chaos: a thief of refresh tokens, against good and bad rules."""

import itertools
from random import Random

import pytest

from rapport_service.pollbook.tokens import is_successor
from tools.chaos.token_checks import count_winners_at_once, do_both_go_on


class Tokens:
    """A family of refresh tokens under some rule."""

    def __init__(self, rule):
        self._rule = rule
        self._in_use, self._revoked = (0, None), False
        self._numbers = itertools.count()

    def first(self):
        return self._issue()

    def refresh(self, token):
        generation, _, rest = token.partition(".")
        presented = int(generation), rest
        if self._revoked or not self._rule(self._in_use, presented):
            self._revoked = True
            return None
        self._in_use = presented
        return self._issue()

    def _issue(self):
        return f"{self._in_use[0] + 1}.{next(self._numbers)}"


@pytest.mark.parametrize("seed", range(30))
def test_rule_of_the_service_lets_never_both_go_on(seed):
    tokens = Tokens(is_successor)

    assert not do_both_go_on(tokens.refresh, tokens.first(), Random(seed))


def test_rule_that_takes_any_token_is_detected():
    tokens = Tokens(lambda *_: True)

    assert do_both_go_on(tokens.refresh, tokens.first(), Random(1))
    assert count_winners_at_once(tokens.refresh, tokens.first()) == 2


def test_second_successor_is_refused():
    tokens = Tokens(is_successor)

    assert count_winners_at_once(tokens.refresh, tokens.first()) <= 1
