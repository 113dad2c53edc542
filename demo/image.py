"""Builds the image, tries each of its verbs, and plays the day in the field through it.

Run by ``make image``. The last line has the figures. The exit status is 1 if a check
fails, and 2 if a program or a right is missing.
"""

import os
import shutil
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import urllib3

from demo.container import USER, Container, RunningVerb
from demo.field_day import EXPECTED_RESULT, DemoResult, play
from demo.fleet import Fleet
from demo.image_build import BuiltImage, build_image
from demo.server import end_by_signal
from demo.wave_steps import print_progress
from demo.waves import wait_for

REQUIRED_TOOLS = ("buildah", "podman", "runc", "mmdebstrap")
INSTALL_COMMAND = (
    "apt-get install --no-install-recommends buildah podman runc netavark mmdebstrap"
)
STARTUP_SECONDS = 30.0
"""Seconds that a container may take to come up."""


class ImageCheckError(Exception):
    """A check of the image fails."""


def main() -> int:
    """Builds the image and tries it; returns the exit status."""
    end_by_signal()
    missing = [tool for tool in REQUIRED_TOOLS if shutil.which(tool) is None]
    if missing:
        print_progress(
            f"These programs are missing: {', '.join(missing)}.\n"
            f"Install them as root: {INSTALL_COMMAND}"
        )
        return 2
    if os.geteuid() != 0:
        print_progress("Only root can build and run the containers: sudo make image")
        return 2
    built = build_image()
    with TemporaryDirectory(prefix="rapport-image-") as folder:
        installation = Container(Path(folder, "server"), built.image, _free_port())
        keys = Path(folder, "sealing-keys")
        keys.mkdir(mode=0o700)
        for own in (installation.folder, keys):
            os.chown(own, USER, USER)
        try:
            figures = _try_verbs(installation, Path(folder, "devices"))
        except ImageCheckError as error:
            print_progress(
                f"{installation.log.read_text()}\nThis check failed: {error}"
            )
            return 1
    print_progress(_format_summary(built, figures))
    return 0 if figures == EXPECTED_RESULT else 1


def _try_verbs(installation: Container, devices: Path) -> DemoResult:
    """Tries each verb in the order of a first deployment, and some wrong ones."""
    url = f"http://127.0.0.1:{installation.port}"
    _check("an unknown verb is refused", installation.run("serve") == 2)
    _check("the check fails without a schema", installation.run("check") == 1)
    web = RunningVerb(installation, "web", "--bind", f"127.0.0.1:{installation.port}")
    tick = RunningVerb(installation, "tick", "--every", "1")
    with web:
        wait_for("alive", lambda: _status(f"{url}/healthz") == 200, STARTUP_SECONDS)
        _check(
            "the web server does not migrate the database",
            _status(f"{url}/readyz") == 503,
        )
        _check("a service without a schema is unhealthy", not installation.is_healthy())
        _check("migrate creates the schema", installation.run("migrate") == 0)
        _check("the service is ready", _status(f"{url}/readyz") == 200)
        _check("a ready service is healthy", installation.is_healthy())
        _check("the check passes", installation.run("check") == 0)
        _check(
            "the sealing folder is marked",
            installation.run("rapport", "seal", "init") == 0,
        )
        _check("the service does not run as root", installation.user() == USER)
        _check("the root file system is read-only", not installation.can_write("/tmp"))  # noqa: S108
        with tick:
            figures = play(installation, Fleet(devices, url))
    _check("web and tick end on SIGTERM", (web.status, tick.status) == (0, 0))
    return figures


def _check(claim: str, holds: bool) -> None:
    if not holds:
        raise ImageCheckError(claim)
    print_progress(f"  {claim}")


def _status(url: str) -> int:
    """The status of a reply; 0 without a reply."""
    try:
        return urllib3.request("GET", url, retries=False, timeout=5.0).status
    except urllib3.exceptions.HTTPError:
        return 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _format_summary(built: BuiltImage, figures: DemoResult) -> str:
    return (
        f"image: {built.megabytes} MB on {built.base}, built in {built.seconds:.0f} s, "
        f"web tick migrate check tried read-only as uid {USER}; {figures}"
    )


if __name__ == "__main__":
    sys.exit(main())
