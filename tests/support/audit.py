"""The actor of what tests do themselves."""

from rapport_schemas.enums import ActorKind
from rapport_service.agency.audit import Actor

TEST_ACTOR = Actor(ActorKind.PERSON, "a test")
