"""Readers of a wave: the members and supervisors of each team when it was announced.

They may read what the wave releases of that team, also after a move to another team. A
supervisor's row names the team that was given to them; those below are in the charter.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rapport_schemas.enums import Role
from rapport_service.agency.models import Person
from rapport_service.charter.voting_groups import RosterMember
from rapport_service.core.bulk import split_rows, upsert_rows
from rapport_service.registry.models import Wave, WaveReader

KEY = ("organization_id", "wave_id", "person_id", "team_id", "role")


def freeze_readers(
    session: Session, wave: Wave, members: Iterable[RosterMember]
) -> None:
    """Records who may read a wave that is being announced."""
    upsert_rows(
        session,
        WaveReader,
        (
            {
                "organization_id": wave.organization_id,
                "wave_id": wave.wave_id,
                "person_id": member.person_id,
                "team_id": team_id,
                "role": role,
            }
            for member in members
            for team_id, role in (
                (member.team_id, Role.MEMBER.value),
                *((team, Role.SUPERVISOR.value) for team in member.supervises),
            )
        ),
        key=KEY,
    )


def forget_readers(session: Session, wave: Wave) -> None:
    """Deletes who could read a wave that retires."""
    session.execute(
        delete(WaveReader).where(
            WaveReader.organization_id == wave.organization_id,
            WaveReader.wave_id == wave.wave_id,
        )
    )


def forget_readers_who_left(
    session: Session, organization_id: str, external_ids: Iterable[str]
) -> None:
    """Deletes the rights of people who left the roster, in all waves.

    Their ids may be given to somebody else.
    """
    for left in split_rows(external_ids):
        people = select(Person.person_id).where(
            Person.organization_id == organization_id, Person.external_id.in_(left)
        )
        session.connection().execute(
            delete(WaveReader).where(
                WaveReader.organization_id == organization_id,
                WaveReader.person_id.in_(people),
            )
        )


def load_waves_of_reader(
    session: Session, organization_id: str, person_id: UUID, roles: Collection[Role]
) -> list[WaveReader]:
    """A person's rights in each wave, in some roles."""
    return list(
        session.scalars(
            select(WaveReader).where(
                WaveReader.organization_id == organization_id,
                WaveReader.person_id == person_id,
                WaveReader.role.in_([role.value for role in roles]),
            )
        )
    )


def has_supervised(session: Session, organization_id: str, person_id: UUID) -> bool:
    """Whether a person was a supervisor in a wave that is not retired."""
    row = session.scalar(
        select(WaveReader.wave_id)
        .where(
            WaveReader.organization_id == organization_id,
            WaveReader.person_id == person_id,
            WaveReader.role == Role.SUPERVISOR.value,
        )
        .limit(1)
    )
    return row is not None
