"""A loop logs a warning once, not at every turn."""

import logging

import pytest

from rapport_service.core.logging_config import REPEAT_SECONDS, RepeatFilter


class Loop:
    """A loop with a clock that tests move, and the lines that it logs."""

    def __init__(self):
        self.now = 0.0
        self.filter = RepeatFilter(lambda: self.now)

    def turn(self, *messages, level=logging.WARNING, **extra):
        """One turn; the messages that are let through."""
        self.filter.begin_turn()
        self.now += 5
        records = [
            logging.makeLogRecord({"levelno": level, "msg": message, **extra})
            for message in messages
        ]
        return [each.getMessage() for each in records if self.filter.filter(each)]


@pytest.fixture
def loop():
    return Loop()


def test_warning_that_stays_true_is_logged_once(loop):
    logged = [loop.turn("too few people", wave_id="acme.1") for _ in range(5)]

    assert logged == [["too few people"], [], [], [], []]


def test_warning_of_another_wave_is_news(loop):
    assert loop.turn("too few people", wave_id="acme.1")
    assert loop.turn("too few people", wave_id="acme.2")


def test_warning_that_was_gone_is_news(loop):
    assert loop.turn("disk full")
    loop.turn()

    assert loop.turn("disk full")


def test_warning_is_repeated_after_an_hour(loop):
    loop.turn("disk full")
    loop.now += REPEAT_SECONDS

    assert loop.turn("disk full")
    assert not loop.turn("disk full")


def test_trace_makes_no_difference(loop):
    assert loop.turn("tick failed", trace=["line 1"])
    assert not loop.turn("tick failed", trace=["line 2"])


def test_step_of_a_wave_is_always_logged(loop):
    for _ in range(2):
        assert loop.turn("wave opened", level=logging.INFO)
