"""Commands of a page, run in a shell."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


def bash(
    script: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Runs a script in a folder; the first line that fails ends it."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
