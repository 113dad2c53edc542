"""Command ``python -m tools.words``: the vocabulary check of ``make words``."""

import argparse
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from tools.words.glossary import check_glossary, parse_glossary
from tools.words.names import READERS, read_paths
from tools.words.rules import Hit, check_names, check_source

FOLDERS = (
    "service",
    "schemas",
    "client-sdk/src",
    "client-sdk/tests",
    "tests",
    "tools",
    "demo",
    "benchmarks",
    "migrations",
)
GLOSSARY = "docs/glossary.md"
HINT = "python -m tools.words --list shows each, with the standard term"
WIRE = "schemas/rapport_schemas/openapi.json"


def check(
    sources: Mapping[str, str], glossary: str, wire: str
) -> tuple[list[Hit], list[str]]:
    """Check sources by path; return the hits by path, and the glossary's conflicts."""
    parsed = [
        READERS[PurePosixPath(path).suffix](path, text)
        for path, text in sources.items()
    ]
    modules = list(read_paths(sources))
    hits = [hit for source in parsed for hit in check_source(source)]
    hits += check_names(modules)
    names = [name for source in parsed for name in source.names] + modules
    conflicts = check_glossary(parse_glossary(glossary), names, wire)
    return sorted(hits, key=lambda hit: (hit.path, hit.line)), conflicts


def check_repository(root: Path) -> tuple[list[Hit], list[str]]:
    """Check the sources, the glossary and the wire documents of a repository."""
    return check(
        read_sources(root),
        (root / GLOSSARY).read_text(encoding="utf-8"),
        (root / WIRE).read_text(encoding="utf-8"),
    )


def format_report(
    hits: list[Hit], conflicts: list[str], *, list_hits: bool
) -> list[str]:
    """Return the lines to print: hits or a hint, conflicts, and the counts."""
    details = [str(hit) for hit in hits]
    if hits and not list_hits:
        details = [HINT]
    return [
        *details,
        *(f"{GLOSSARY}: {conflict}" for conflict in conflicts),
        f"words: {len(hits)} of the old idiom, {len(conflicts)} conflicts",
    ]


def read_sources(root: Path) -> dict[str, str]:
    """Read the files that git tracks and a reader understands, by path."""
    tracked = subprocess.run(
        ["git", "ls-files", "-z", *FOLDERS],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return {
        path: (root / path).read_text(encoding="utf-8")
        for path in sorted(filter(None, tracked))
        if (root / path).suffix in READERS and (root / path).is_file()
    }


def main() -> int:
    """Run the check on this repository; return 1 unless it is clean."""
    parser = argparse.ArgumentParser(prog="python -m tools.words", description=__doc__)
    parser.add_argument(
        "--list", action="store_true", help="print each hit with its standard term"
    )
    list_hits = parser.parse_args().list
    hits, conflicts = check_repository(Path(__file__).parents[2])
    report = format_report(hits, conflicts, list_hits=list_hits)
    sys.stdout.writelines(f"{line}\n" for line in report)
    return 1 if hits or conflicts else 0


if __name__ == "__main__":
    sys.exit(main())
