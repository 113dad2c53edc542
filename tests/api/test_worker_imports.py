import json
import subprocess
import sys

LOADED = """
import json, sys
{first}
from rapport_service.app import create_app
from rapport_service.core.settings import Settings
app = create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))
app.test_client().get("/v1/nothing")
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""


def loaded(first=""):
    """The top-level packages in memory once a web worker is up."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED.format(first=first)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def test_a_web_worker_loads_neither_numpy_nor_scipy():
    packages = loaded()

    assert "flask" in packages
    assert packages & {"numpy", "scipy"} == set()


def test_planted_statistics_are_noticed():
    assert "numpy" in loaded("import rapport_service.releases.seal")
