"""Run as a program: answers as fast as it can, and says each answer that it took."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from peer.frozen import frozen
from rapport_client.errors import RapportError
from rapport_client.store.database import Database
from rapport_client.store.outbox import Outbox
from rapport_client.store.space import Space


def main(path, answers):
    """Puts numbered answers into an outbox; a word on stdout is a taken answer."""
    outbox = Outbox(Space.of(Database(Path(path)), "me"))
    for number in range(int(answers)):
        try:
            outbox.add(frozen(f"acme.{number}", f"answer {number}".encode()))
        except RapportError:
            os.write(2, f"{number} refused\n".encode())
        else:
            os.write(1, f"{number}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
