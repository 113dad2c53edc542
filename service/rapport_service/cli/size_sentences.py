"""Sentences about teams that are too small for a score, as supervisors read them."""

from collections.abc import Iterator, Sequence

from rapport_service.charter.team_sizes import TeamSizes, TeamWithoutScore
from rapport_service.cli.output import print_note

MAX_TEAMS_NAMED = 10
"""Teams that get a sentence each; of the others, only the number is given."""

MAX_NAMES = 3
"""Names of teams that one sentence lists."""


def print_size_notes(sizes: TeamSizes) -> None:
    """Prints a note about each team that is too small for a score of its own."""
    for sentence in describe_sizes(sizes, "--json"):
        print_note(sentence)


def describe_sizes(sizes: TeamSizes, whole_list: str) -> Iterator[str]:
    """Sentences about the teams without a score of their own.

    Args:
        sizes: the teams.
        whole_list: what to type for all of them, if they are many.
    """
    if not sizes.can_be_asked:
        yield (
            f"{_count_people(sizes.eligible)} can answer in this agency. It needs "
            f"{sizes.min_pool}, so no wave will be announced. Add people to the roster"
        )
        return
    for small in sizes.without_score[:MAX_TEAMS_NAMED]:
        yield describe_size(sizes, small)
    if (more := len(sizes.without_score) - MAX_TEAMS_NAMED) > 0:
        teams = "1 more team has" if more == 1 else f"{more} more teams have"
        yield f"{teams} no score of their own. {whole_list} lists all of them"


def describe_size(sizes: TeamSizes, small: TeamWithoutScore) -> str:
    """Sentences on why a team has no score of its own, and where its answers are."""
    return " ".join(_describe_parts(sizes, small))


def _describe_parts(sizes: TeamSizes, small: TeamWithoutScore) -> Iterator[str]:
    name, people = small.team.name, _count_people(small.eligible)
    if small.reason == "too_small":
        yield f"{name} has {people.lower()} who can answer."
        yield f"It needs {small.needed} for a score of its own."
        if small.supervisors:
            supervise = "supervises" if small.supervisors == 1 else "supervise"
            yield (
                f"{small.supervisors} of its people {supervise} it and "
                f"{'does' if small.supervisors == 1 else 'do'} not count here: "
                "supervisors answer one level up."
            )
    else:
        some = "they" if small.voting_above == small.eligible else "some of them"
        yield f"{name} has {people.lower()} who can answer, but no score of its own:"
        yield f"{some} answer in a larger group, which is too small without them."
    if not small.eligible:
        return
    score = (
        "no score has their answers"
        if small.answers_with is None
        else f"their answers are in the score of {small.answers_with.name}"
    )
    if small.key_node and (others := sizes.list_sharing_key(small)):
        names = _join_names([node.name for node in others])
        yield f"They answer together with {names}; {score}."
    else:
        yield f"{score[0].upper()}{score[1:]}."


def _count_people(people: int) -> str:
    return {0: "Nobody", 1: "1 person"}.get(people, f"{people} people")


def _join_names(names: Sequence[str]) -> str:
    shown = list(names[:MAX_NAMES])
    if (more := len(names) - MAX_NAMES) > 0:
        shown.append("1 more team" if more == 1 else f"{more} more teams")
    *first, last = shown
    return f"{', '.join(first)} and {last}" if first else last
