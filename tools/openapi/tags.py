"""Tags of the published document: the groups of operations that readers look for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tag:
    """A group of operations.

    Attributes:
        name: its heading.
        description: who needs it and for what, in Markdown.
        blueprints: the blueprints whose operations it has.
    """

    name: str
    description: str
    blueprints: tuple[str, ...]


TAGS = (
    Tag(
        "Sign-in",
        "For phones, people and programs. A phone exchanges a code for tokens, and a "
        "program its id and secret. Anybody can check access tokens with the public "
        "keys.",
        ("enrolment",),
    ),
    Tag(
        "Poll book",
        "For phones that answer. The poll book knows who you are. It lists your waves "
        "and signs your ballots, and never sees an answer.",
        ("ballots",),
    ),
    Tag(
        "Ballot box",
        "For phones that answer. The ballot box takes answers and withdrawals with a "
        "ballot, and never asks who you are. Send no `Authorization` header and no "
        "cookie. It may have an address of its own.",
        ("ballot_box",),
    ),
    Tag(
        "Reports",
        "For members, supervisors, administrators and reporting programs. Scores, "
        "trends, heat maps, sustainment and releases of the teams that you may read, "
        "as JSON or CSV.",
        ("teams", "sustainment", "releases", "organization"),
    ),
    Tag(
        "Markers",
        "Dates in the agency's history, such as a crisis. Readers of reports see them; "
        "administrators declare and retract them.",
        ("markers",),
    ),
    Tag(
        "Pulses and waves",
        "For administrators. A pulse plans waves again and again; a single wave has "
        "the times that you choose.",
        ("pulses", "waves"),
    ),
    Tag(
        "Roster and people",
        "For administrators and HR programs. The teams and people of the agency, "
        "enrolment codes, and the end of devices.",
        ("roster", "people", "codes", "devices"),
    ),
    Tag(
        "Programs",
        "For administrators. Programs of the agency that put rosters or read reports, "
        "and their secrets.",
        ("clients",),
    ),
    Tag(
        "Audit",
        "For administrators and auditors. What people and programs changed, and who it "
        "was.",
        ("audit",),
    ),
    Tag(
        "Service",
        "Health of the service for operators, this document, and what each problem "
        "means.",
        ("health", "docs_page", "problem_pages"),
    ),
)
"""The groups, in the order of a first visit."""

TAG_NAMES = {blueprint: tag.name for tag in TAGS for blueprint in tag.blueprints}
"""Names of tags by blueprint."""
