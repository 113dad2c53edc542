"""Program that answers as fast as it can and prints each answer once it is taken."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fake_service.frozen_items import build_frozen_item
from rapport_client._outbox.database import Database
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox
from rapport_client.errors import RapportError


def main(path, answers):
    """Puts numbered answers into an outbox; a word on stdout is a taken answer."""
    outbox = Outbox(Namespace.for_person(Database(Path(path)), "me"))
    for number in range(int(answers)):
        try:
            outbox.add(build_frozen_item(f"acme.{number}", f"answer {number}".encode()))
        except RapportError:
            os.write(2, f"{number} refused\n".encode())
        else:
            os.write(1, f"{number}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
