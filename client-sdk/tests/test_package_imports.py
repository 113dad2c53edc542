"""Packages that the SDK loads: those that it uses, and no extra."""

import subprocess
import sys

import pytest

LOADED = """
import sys
{first}
print(*{{name.partition(".")[0] for name in sys.modules}})
"""
EXTRAS = {"httpx", "keyring"}
OF_THE_SERVICE = {"flask", "sqlalchemy", "marshmallow", "numpy", "scipy", "click"}


def packages_after(first):
    """The top-level packages in memory after a line of Python."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "first", ["import rapport_client", "from rapport_client._cli import main"]
)
def test_package_loads_no_extra_and_nothing_of_the_service(first):
    packages = packages_after(first)

    assert "urllib3" in packages
    assert packages & (EXTRAS | OF_THE_SERVICE | {"rapport_service"}) == set()


def test_planted_extra_is_noticed():
    assert "httpx" in packages_after("import rapport_client.httpx_transport")
