"""People of the roster, and enrolment codes for them."""

from uuid import UUID

from rapport_client._json import read
from rapport_client._protocol import replies
from rapport_client._resources.calls import create, get, list_all
from rapport_client._resources.operation import (
    Call,
    Exchange,
    R_co,
    Resource,
    operation,
)
from rapport_client._resources.references import (
    AnyPerson,
    quoted,
    read_external_id,
)
from rapport_client.models import EnrolmentCode, Person, Purpose


class People(Resource[R_co]):
    """People of the roster. One is meant by a ``Person`` or an external id."""

    @operation("list_people")
    def list(self) -> Exchange[tuple[Person, ...]]:
        """All people of the roster, by external id."""
        return list_all(Person, "people", "people")

    @operation("get_person")
    def get(self, person: AnyPerson) -> Exchange[Person]:
        """A person of the roster.

        Raises:
            PersonNotFound: the roster has nobody with this external id.
        """
        path = f"people/{quoted(read_external_id(person))}"
        return read(Person, (yield from get(path, "the person")))

    @operation("create_code")
    def create_code(
        self,
        person: AnyPerson,
        purpose: Purpose = "answering",
        *,
        id: UUID | str | None = None,  # noqa: A002 - as the API calls it
    ) -> Exchange[EnrolmentCode]:
        """Makes a one-time code for a person. For administrators.

        A code for answering is for the person's own phone: another person who has it
        can answer in their place.

        Args:
            person: the person.
            purpose: ``answering``, or ``reading`` scores; never both.
            id: a UUID; the same id again gives a new code in place of the unused one. A
                new one if None.

        Raises:
            IdUsed: the id belongs to another code, or that was used.
            PersonNotFound: the roster has nobody with this external id.
            ReadingCodeRefused: the code is for reading and the person is another
                administrator or auditor.
        """
        path = f"people/{quoted(read_external_id(person))}/codes"
        created = yield from create(path, "the code", id, purpose=purpose)
        return read(EnrolmentCode, created)

    @operation("revoke_devices")
    def revoke_devices(self, person: AnyPerson) -> Exchange[None]:
        """Ends a person's devices and unused codes, if there are any.

        For administrators. These devices read no scores and draw no ballots from now
        on; an answer that waits on a phone is still sent and counted. Nothing says
        whether there were any.

        Raises:
            PersonNotFound: the roster has nobody with this external id.
        """
        path = f"people/{quoted(read_external_id(person))}/devices/revoke"
        replies.require_success((yield Call("POST", f"/v1/{path}")))
