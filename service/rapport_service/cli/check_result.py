"""The result of one check of ``rapport doctor``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckResult:
    """The result of one check, with the remedy if it failed."""

    check: str
    ok: bool
    detail: str
