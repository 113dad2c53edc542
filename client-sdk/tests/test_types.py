"""The types of the public names, for programs that are checked by a type checker."""

import os
import subprocess
import sys
from pathlib import Path


def test_every_public_name_has_a_known_type():
    tools = Path(sys.executable).parent
    checked = subprocess.run(
        [
            *(tools / "basedpyright", "--verifytypes", "rapport_client"),
            "--ignoreexternal",
        ],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Type completeness score: 100%" in checked.stdout, checked.stdout
    assert checked.returncode == 0
