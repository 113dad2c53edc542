"""Checks of ``rapport doctor`` on what a PostgreSQL server keeps outside of tables.

A check fails where the server writes down, for good, when each phone came or what it
sent: no page of ours could then be true. Anything that only keeps the order for longer,
or that an operator may want as a safeguard, passes, and its line says what it means.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from rapport_service.cli.check_result import CheckResult
from rapport_service.core.vacuum import missing_wal_rights

MAX_WAL_MEGABYTES = 32
"""Size of old log files that a server may keep for reuse: two, its least."""

NEVER = -1
"""Duration, in settings of the log, that no statement is long enough for."""


@dataclass(frozen=True)
class ReplicationSlot:
    """A place from which another server or program reads the write-ahead log."""

    name: str
    is_logical: bool
    is_active: bool


@dataclass(frozen=True)
class PostgresFacts:
    """Settings of a server, as they hold for the service's login, and its slots.

    Attributes:
        settings: by name; without those that this server does not have.
        missing_rights: SQL that an administrator could run for the login.
        slots: replication slots.
    """

    settings: Mapping[str, str]
    missing_rights: Sequence[str] = ()
    slots: Sequence[ReplicationSlot] = ()

    def is_on(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.settings.get(name, "off") == "on"

    def number(self, name: str, default: float = 0) -> float:
        """The value of a number."""
        return float(self.settings.get(name, default))


def check_postgres(engine: Engine) -> Iterator[CheckResult]:
    """Checks what the server keeps; nothing on SQLite."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            facts = read_facts(connection)
        yield from judge(facts)


def read_facts(connection: Connection) -> PostgresFacts:
    """The facts of a server; a login without rights may read all of them."""
    settings = connection.execute(text("SELECT name, setting FROM pg_settings"))
    slots = connection.execute(
        text(
            "SELECT slot_name, slot_type = 'logical', active FROM pg_replication_slots"
            " ORDER BY slot_name"
        )
    )
    return PostgresFacts(
        {row.name: row.setting for row in settings},
        missing_wal_rights(connection),
        [ReplicationSlot(*row) for row in slots],
    )


def judge(facts: PostgresFacts) -> Iterator[CheckResult]:
    """One result for each thing that a server keeps. Pure."""
    yield _judge_log(facts)
    yield _judge_archiving(facts)
    yield _judge_replication(facts)
    yield _judge_statements(facts)
    yield _judge_commit_times(facts)


def _judge_log(facts: PostgresFacts) -> CheckResult:
    notes = []
    if facts.missing_rights:
        grants = "; ".join(facts.missing_rights)
        notes.append(
            "after a rewrite the login may not drop it, so it keeps the order of draws "
            "and envelopes until some 50 MB more were written, which may take days. An "
            f"administrator of the database can run: {grants};"
        )
    if facts.is_on("wal_recycle"):
        size = facts.number("min_wal_size")
        notes.append(
            f"old files of it are kept for reuse with what they hold, up to {size:.0f} "
            f"MB. Set wal_recycle = off and min_wal_size = {MAX_WAL_MEGABYTES}MB."
        )
    if facts.number("wal_keep_size"):
        notes.append(
            f"wal_keep_size keeps the last {facts.number('wal_keep_size'):.0f} MB of "
            "it. Set it to 0."
        )
    gone = (
        "the write-ahead log is dropped when tables are rewritten, and with it the "
        "order of draws and envelopes"
    )
    return CheckResult("wal", ok=True, detail=_join(notes, gone))


def _judge_archiving(facts: PostgresFacts) -> CheckResult:
    if facts.settings.get("archive_mode", "off") == "off":
        off = "archive_mode is off: no copy of the write-ahead log is kept"
        return CheckResult("archiving", ok=True, detail=off)
    kept = (
        "archive_mode is on. The archive keeps who drew a ballot, and in which order "
        "draws and envelopes came, for as long as you keep it. It has no readable "
        "answer of a wave that is not sealed. Set archive_mode = off, or delete what "
        "is older than the last seal."
    )
    return CheckResult("archiving", ok=True, detail=kept)


def _judge_replication(facts: PostgresFacts) -> CheckResult:
    wrong, notes = [], []
    for slot in facts.slots:
        if not slot.is_active:
            wrong.append(
                f"nobody reads from the slot {slot.name}, and the server keeps its "
                "whole log for it. Run: "
                f"SELECT pg_drop_replication_slot('{slot.name}');"
            )
        elif slot.is_logical:
            wrong.append(
                f"the slot {slot.name} hands each draw and each envelope to another "
                "program, in the order in which they came. Let it read other databases "
                "only."
            )
        else:
            notes.append(
                f"another server copies this one through the slot {slot.name}, and its "
                "log as well: what is said here holds for that server too."
            )
    none = "no other server and no program reads the write-ahead log"
    return CheckResult(
        "replication", ok=not wrong, detail=_join([*wrong, *notes], none)
    )


def _judge_statements(facts: PostgresFacts) -> CheckResult:
    """Whether the server's own log gets a line, with its time, when a phone comes."""
    wrong = [*_list_logged_always(facts)]
    notes = []
    for name, rate in (
        ("log_min_duration_statement", None),
        ("log_min_duration_sample", "log_statement_sample_rate"),
        ("auto_explain.log_min_duration", None),
    ):
        shortest = facts.number(name, NEVER)
        if shortest == NEVER or (rate and not facts.number(rate)):
            continue
        prefix = "auto_explain." if name.startswith("auto_explain") else ""
        if shortest == 0 or facts.number(f"{prefix}log_parameter_max_length", NEVER):
            wrong.append(f"set {name} = -1")
        else:
            notes.append(f"{name} logs slow statements, without values.")
    if facts.number("log_parameter_max_length_on_error"):
        wrong.append("set log_parameter_max_length_on_error = 0")
    if facts.settings.get("pg_stat_statements.track", "none") != "none":
        notes.append("pg_stat_statements counts statements, without values and times.")
    if wrong:
        notes.insert(
            0,
            "the server logs when phones come, or what they send, for as long as you "
            f"keep the log: {', '.join(wrong)}.",
        )
    silent = "the server's log has no line when a phone comes, nor what it sent"
    return CheckResult("statements", ok=not wrong, detail=_join(notes, silent))


def _list_logged_always(facts: PostgresFacts) -> Iterator[str]:
    if facts.settings.get("log_statement", "none") in {"mod", "all"}:
        yield "set log_statement = ddl"
    if facts.is_on("log_duration"):
        yield "set log_duration = off"
    if facts.number("log_transaction_sample_rate"):
        yield "set log_transaction_sample_rate = 0"
    if facts.settings.get("pgaudit.log", "none") not in {"none", ""}:
        yield "set pgaudit.log = none"


def _judge_commit_times(facts: PostgresFacts) -> CheckResult:
    if not facts.is_on("track_commit_timestamp"):
        off = "the server does not note when a row was written"
        return CheckResult("commit-times", ok=True, detail=off)
    kept = (
        "track_commit_timestamp is on: until the next rewrite, rows tell when each "
        "phone came. Set it to off."
    )
    return CheckResult("commit-times", ok=False, detail=kept)


def _join(sentences: Sequence[str], otherwise: str) -> str:
    return " ".join(sentences) or otherwise
