"""Program that rewrites or copies an SQLite file, in a process of its own.

SQLite chooses the folder for temporary files from the environment, once a process, and
a rewrite of a large file puts all of its rows there. So the folder is named in the
environment of this process. It prints a result as JSON. It imports nothing of ours.
"""

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress

_unclosed: list[sqlite3.Connection] = []


def vacuum(file: str, busy_timeout: str, checkpoint_timeout: str) -> dict[str, object]:
    """Rewrites a file and empties its write-ahead log; says if a reader stopped it."""
    connection = _open(file)
    connection.execute(f"PRAGMA busy_timeout={int(busy_timeout)}")
    connection.execute("VACUUM")
    connection.execute(f"PRAGMA busy_timeout={int(checkpoint_timeout)}")
    checkpoint = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (blocked, _, _) = checkpoint.fetchone()
    # Left open: to close it could delete the log, under a process that lost its locks
    # on the file because it also read it by other means.
    _unclosed.append(connection)
    return {"blocked": bool(blocked)}


def copy(file: str, scratch: str, target: str, *emptied: str) -> dict[str, object]:
    """Copies a file without the rows of some tables; they never reach the target."""
    with closing(_open(file)) as connection:
        connection.execute("VACUUM INTO ?", (scratch,))
    with closing(_open(scratch)) as connection:
        for table in emptied:
            connection.execute(f'DELETE FROM "{table}"')  # noqa: S608 - a name of ours
        connection.execute("VACUUM INTO ?", (target,))
    return {}


def _open(file: str) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA secure_delete=ON")
    return connection


def main(action: str, *arguments: str) -> None:
    """Runs one action; prints its result, or its error with SQLite's code."""
    os.umask(0o077)
    run: Callable[..., dict[str, object]] = vacuum if action == "vacuum" else copy
    try:
        result = run(*arguments)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        result = {"error": str(error), "code": code}
    with suppress(BrokenPipeError):  # the caller has ended meanwhile
        sys.stdout.write(json.dumps(result))
        sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
