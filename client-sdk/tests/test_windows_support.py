"""Windows has no ``flock``: a client reads scores there, an outbox is refused."""

import subprocess
import sys

ON_WINDOWS = """
import asyncio, cryptography.hazmat.primitives.asymmetric.rsa, jwt, sqlite3, sys
import urllib3
sys.platform = "win32"
sys.modules["fcntl"] = None
from rapport_client import Client, FieldDevice, OutboxUnusable
Client("https://rapport.test", "client", "secret").close()
try:
    FieldDevice(sys.argv[1], "https://rapport.test")
except OutboxUnusable as error:
    print(error)
"""


def test_client_works_without_flock_and_an_outbox_says_why_not(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-c", ON_WINDOWS, str(tmp_path / "outbox.db")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "needs a system with flock" in ran.stdout
