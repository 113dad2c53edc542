"""Commands of a page, run in a shell."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


def bash(
    script: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    seconds: float = 60,
) -> subprocess.CompletedProcess[str]:
    """Runs a script in a folder; the first line that fails ends it.

    The language of this computer does not matter: pages show English.
    """
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**(environment or os.environ), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
