"""Teams without a score of their own, by the roster as it is or as it is to be."""

from collections import Counter
from collections.abc import Set as AbstractSet
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.roster_rules import Roster
from rapport_service.agency.service import get_organization, load_supervisions
from rapport_service.charter.document import team_reference
from rapport_service.charter.team_sizes import TeamSizes, assess_team_sizes
from rapport_service.charter.voting_groups import Membership, TeamNode


def load_team_sizes(session: Session, organization_id: str) -> TeamSizes:
    """Assesses the teams of the roster as it is now.

    Raises:
        UnknownOrganizationError: there is none with this id.
    """
    organization = get_organization(session, organization_id)
    nodes = [
        TeamNode(*row)
        for row in session.execute(
            select(Team.team_id, Team.parent_id, Team.external_id, Team.name).where(
                Team.organization_id == organization_id, Team.listed
            )
        )
    ]
    return assess_team_sizes(
        nodes,
        _count_memberships(session, organization_id),
        organization.min_respondents,
        organization.min_pool,
    )


def assess_roster_sizes(
    session: Session, organization_id: str, roster: Roster
) -> tuple[TeamSizes, frozenset[UUID]]:
    """Assesses the teams of a roster, stored or not.

    Returns:
        The sizes, and the ids in them that stand for teams that are not stored.
    """
    organization = get_organization(session, organization_id)
    rows = session.execute(
        select(Team.external_id, Team.team_id).where(
            Team.organization_id == organization_id
        )
    )
    stored = dict(rows.all())
    ids = {t.external_id: stored.get(t.external_id) or uuid4() for t in roster.teams}
    nodes = [
        TeamNode(
            ids[team.external_id],
            None if team.parent is None else ids[team.parent],
            team.external_id,
            team.name,
        )
        for team in roster.teams
    ]
    memberships = Counter(
        Membership(ids[team], frozenset(ids[name] for name in supervises), away)
        for _, team, supervises, away in roster.people
    )
    sizes = assess_team_sizes(
        nodes, memberships, organization.min_respondents, organization.min_pool
    )
    return sizes, frozenset(ids.values()) - frozenset(stored.values())


def team_sizes_document(
    sizes: TeamSizes, not_stored: AbstractSet[UUID] = frozenset()
) -> dict[str, object]:
    """Sizes as ``TeamSizesSchema`` writes them; a team that is not stored has no id."""

    def reference(node: TeamNode) -> dict[str, object]:
        return {
            **team_reference(node),
            "id": None if node.team_id in not_stored else str(node.team_id),
        }

    return {
        "can_be_asked": sizes.can_be_asked,
        "teams_without_score": [
            {
                "team": reference(small.team),
                "reason": small.reason,
                "eligible": small.eligible,
                "needed": small.needed,
                "supervisors": small.supervisors,
                "answers_with": small.answers_with and reference(small.answers_with),
            }
            for small in sizes.without_score
        ],
    }


def _count_memberships(session: Session, organization_id: str) -> Counter[Membership]:
    """How many people of the roster have each membership."""
    listed = (
        Person.organization_id == organization_id,
        Person.listed,
        Person.team_id.is_not(None),
    )
    counts = session.execute(
        select(Person.team_id, Person.away, func.count())
        .where(*listed)
        .group_by(Person.team_id, Person.away)
    )
    memberships = Counter(
        {Membership(team, away=away): people for team, away, people in counts if team}
    )
    supervised = load_supervisions(session, organization_id)
    supervisors = select(Supervision.person_id).where(
        Supervision.organization_id == organization_id
    )
    for person_id, team, away in session.execute(
        select(Person.person_id, Person.team_id, Person.away).where(
            *listed, Person.person_id.in_(supervisors)
        )
    ):
        if team is not None:
            memberships[Membership(team, away=away)] -= 1
            over = frozenset(supervised[person_id])
            memberships[Membership(team, over, away)] += 1
    return memberships
