"""Table of the words that names and docstrings do without, each with its standard term.

A word belongs here if a newcomer would search for another one. A word with an honest
technical use (a line of text, to take from a queue) does not, or only in the scope
where it has none. To refuse another word, add a row; to let a library or a standard
have its word, add an ``Allowance`` with the reason.
"""

from dataclasses import dataclass
from enum import Enum, auto


class Scope(Enum):
    """Part of a name to which a row of the table applies."""

    WORD = auto()
    """Any word, or consecutive words, of any name."""

    FIRST_WORD = auto()
    """The first word of any name, as in ``most_bytes``."""

    CONSTANT = auto()
    """The first word of an upper-case name, as in ``LONGEST_WAIT``."""

    NAME = auto()
    """The complete name of anything."""

    CLASS = auto()
    """The complete name of a class."""

    MODULE = auto()
    """The complete name of a module or folder."""


@dataclass(frozen=True)
class Idiom:
    """Refused word in all its forms, and the term to use instead."""

    forms: str
    """Separated by spaces, each in snake_case."""

    term: str

    scope: Scope = Scope.WORD

    prose: bool = False
    """Whether sentences, too, do without it: test names and first docstring lines."""


@dataclass(frozen=True)
class Allowance:
    """Phrase in which a refused word is a standard term, with the reason."""

    phrase: str
    reason: str


ALLOWANCES = (
    Allowance("not_found", "HTTP 404 Not Found, and problem codes named after it"),
    Allowance("stand_in", "the usual word for an object that replaces another"),
    Allowance("stands_in", "the same as a verb"),
    Allowance("stand_for", "plain English for: to represent"),
    Allowance("stands_for", "plain English for: represents"),
)

OPENINGS = (
    "of which",
    "of whom",
    "what",
    "whatever",
    "where",
    "which",
    "whichever",
    "who",
    "whom",
    "whose",
    "why",
)
"""Phrases that begin no docstring: its subject, a noun or a verb, comes first.

Words that a docstring nowhere holds, such as *whoever*, are rows of ``IDIOMS``.
"""

TEST_OPENINGS = (
    *OPENINGS,
    "as",
    "from",
    "how",
    "in",
    "it",
    "of",
    "on",
    "once",
    "there",
    "these",
    "when",
    "whether",
    "with",
    "within",
    "without",
)
"""Phrases that begin no name of a test: a noun comes first, then the rule."""

_WORDS = (
    Idiom("beside", "comparison, next_to, with", prose=True),
    Idiom("bury buries buried burying", "mark_dead", prose=True),
    Idiom("dice", "rng (a random generator), jitter (of a delay)", prose=True),
    Idiom("fate fates", "state, result, settlement", prose=True),
    Idiom("found", "the thing itself (team, row), or matches, detected", prose=True),
    Idiom("give_up gives_up gave_up giving_up", "abort, timeout", prose=True),
    Idiom("ground grounds", "basis", prose=True),
    Idiom("hear hears heard hearing", "receive, observe, received", prose=True),
    Idiom("house houses", "dependencies (deps), service, service_harness", prose=True),
    Idiom("in_turn", "write_lock, sequential", prose=True),
    Idiom("manners", "common HTTP behaviour, checks", prose=True),
    Idiom("mistake mistakes", "field_error, error", prose=True),
    Idiom("nobody nobodys", "none, empty, no_person, unauthenticated", prose=True),
    Idiom("owe owes owed owing", "request, defer, pending", prose=True),
    Idiom("pains", "field_problems", prose=True),
    Idiom("patience", "timeout, retry_after", prose=True),
    Idiom("press", "ballot_factory", prose=True),
    Idiom("said", "answers, response, output, message, status", prose=True),
    Idiom("somebody somebodys", "person, user, client: the role", prose=True),
    Idiom("stand stands standing standings", "status, state, active", prose=True),
    Idiom("tidy tidies tidied tidying", "vacuum", prose=True),
    Idiom("told", "document, response, reported, expected, result", prose=True),
    Idiom("vouch vouches vouched", "confirm, verify", prose=True),
    Idiom("whoever", "person, caller, reader: the role", prose=True),
    Idiom("wiring", "dependencies", prose=True),
    Idiom("wish wishes wished wishing", "retry_after, request", prose=True),
)

_LIMITS = (
    Idiom("most", "MAX_, max_", Scope.FIRST_WORD),
    Idiom("fewest", "MIN_, min_", Scope.FIRST_WORD),
    Idiom("largest longest", "MAX_", Scope.CONSTANT),
    Idiom("enough least shortest smallest", "MIN_", Scope.CONSTANT),
)

_NAMES = (
    Idiom("demand_whole", "require_unrestricted_client", Scope.NAME),
    Idiom("demands", "require_scope", Scope.NAME),
    Idiom("gives", "response", Scope.NAME),
    Idiom("hundred", "to_points", Scope.NAME),
    Idiom("one", "the thing itself: team, row, item", Scope.NAME),
    Idiom("one_writer", "write_lock", Scope.NAME),
    Idiom("unretired", "poolable_waves", Scope.NAME),
)

_CLASSES = (
    Idiom("allowed", "ReleasePlan", Scope.CLASS),
    Idiom("as_shown", "CoarseFigure", Scope.CLASS),
    Idiom("block", "SufficientStatistics", Scope.CLASS),
    Idiom("broken_rule", "FieldError", Scope.CLASS),
    Idiom("companions", "Comparisons", Scope.CLASS),
    Idiom("cycle", "PoolingWindow", Scope.CLASS),
    Idiom("declared", "DeclaredMarker", Scope.CLASS),
    Idiom("frozen", "FrozenItem", Scope.CLASS),
    Idiom("headings", "TrendDirections", Scope.CLASS),
    Idiom("line", "GatedTransport, ProxyProcess", Scope.CLASS),
    Idiom("members", "JsonObject", Scope.CLASS),
    Idiom("occasion", "ReleaseContext", Scope.CLASS),
    Idiom("pooled", "OrganizationParameters", Scope.CLASS),
    Idiom("shown", "PublishedFigures, or what the figures are of", Scope.CLASS),
    Idiom("space", "Namespace", Scope.CLASS),
    Idiom("spent", "SpentBallot", Scope.CLASS),
    Idiom("syncing", "SyncEngine", Scope.CLASS),
    Idiom("tally", "SyncCounter, or the statistic's own name", Scope.CLASS),
)

_MODULES = (
    Idiom("allowed", "release_plan", Scope.MODULE),
    Idiom("as_shown", "coarse_figures", Scope.MODULE),
    Idiom("asking", "prompts", Scope.MODULE),
    Idiom("at_once", "concurrency", Scope.MODULE),
    Idiom("by_hand", "manual_transport", Scope.MODULE),
    Idiom("cast", "participants", Scope.MODULE),
    Idiom("casting", "submissions", Scope.MODULE),
    Idiom("coding", "compression", Scope.MODULE),
    Idiom("discoveries", "false_discovery", Scope.MODULE),
    Idiom("dose", "crisis_share", Scope.MODULE),
    Idiom("figures_shown", "presentation", Scope.MODULE),
    Idiom("going", "loop", Scope.MODULE),
    Idiom("held_open", "concurrency, lifecycle", Scope.MODULE),
    Idiom("keeping", "retention", Scope.MODULE),
    Idiom("known", "open_outbox", Scope.MODULE),
    Idiom("line", "gated_transport, proxy_process", Scope.MODULE),
    Idiom("looking_back", "repository, sustainment", Scope.MODULE),
    Idiom("members", "json", Scope.MODULE),
    Idiom("over_time", "trends", Scope.MODULE),
    Idiom("past", "history", Scope.MODULE),
    Idiom("seen", "last_contact", Scope.MODULE),
    Idiom("side_by_side", "comparison", Scope.MODULE),
    Idiom("space", "namespace", Scope.MODULE),
    Idiom("stories", "device_timelines", Scope.MODULE),
    Idiom("trouble", "sqlite_errors, service_faults", Scope.MODULE),
    Idiom("what_became", "sustainment", Scope.MODULE),
    Idiom("writers", "write_lock", Scope.MODULE),
)

IDIOMS = _WORDS + _LIMITS + _NAMES + _CLASSES + _MODULES
