"""SQLite overwrites deleted rows; yet where pages were balanced, copies may stay.

About one deletion in two hundred leaves some. Here one is planted by hand.
"""

import secrets
from pathlib import Path

import pytest
from sqlalchemy import text

from rapport_service.core.db import db
from rapport_service.core.vacuum import vacuum
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES
from tests.support.rows import find_on_disk


def free_offset():
    """Offset in the file where nothing is stored: the end of the first free page."""
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("CREATE TABLE planted (content)"))
        connection.execute(text("INSERT INTO planted VALUES (zeroblob(200000))"))
        connection.execute(text("DROP TABLE planted"))
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    header = Path(str(db.engine.url.database)).read_bytes()[:100]
    free = int.from_bytes(header[32:36])  # sqlite.org/fileformat2.html, 1.3.1
    assert free > 0
    return free * size


@pytest.mark.sqlite  # PostgreSQL rewrites its tables
@pytest.mark.usefixtures("service")
def test_bytes_of_free_pages_are_gone_after_a_vacuum():
    trace = secrets.token_hex(12).encode()
    with Path(str(db.engine.url.database)).open("r+b") as file:
        file.seek(free_offset() - len(trace))
        file.write(trace)
    assert find_on_disk({trace}) == {trace}

    vacuum(ORDER_SENSITIVE_TABLES)

    assert find_on_disk({trace}) == set()
