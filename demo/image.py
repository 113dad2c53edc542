"""Builds the image, tries each of its verbs, and plays the day in the field through it.

Run by ``make image``. Ends with one line of figures, and with exit status 1 if anything
is not what it must be, or 2 where a program is missing.
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
    """The image does not do what it must."""


def main() -> int:
    """Builds and tries; returns the exit status."""
    end_by_signal()
    missing = [tool for tool in REQUIRED_TOOLS if shutil.which(tool) is None]
    if missing:
        print_progress(f"missing: {', '.join(missing)}. As root: {INSTALL_COMMAND}")
        return 2
    if os.geteuid() != 0:
        print_progress("containers are built and run as root here: sudo make image")
        return 2
    built = build_image()
    with TemporaryDirectory(prefix="rapport-image-") as folder:
        house = Container(Path(folder, "server"), built.image, _free_port())
        os.chown(house.folder, USER, USER)
        try:
            figures = _try_verbs(house, Path(folder, "devices"))
        except ImageCheckError as error:
            print_progress(f"{house.log.read_text()}\nnot so: {error}")
            return 1
    print_progress(_format_summary(built, figures))
    return 0 if figures == EXPECTED_RESULT else 1


def _try_verbs(house: Container, devices: Path) -> DemoResult:
    """Every verb in the order of a first deployment, and some that must be refused."""
    url = f"http://127.0.0.1:{house.port}"
    _check("an unknown verb is refused", house.run("serve") == 2)
    _check("the check fails without a schema", house.run("check") == 1)
    web = RunningVerb(house, "web", "--bind", f"127.0.0.1:{house.port}")
    tick = RunningVerb(house, "tick", "--every", "1")
    with web:
        wait_for("alive", lambda: _status(f"{url}/healthz") == 200, STARTUP_SECONDS)
        _check("nothing migrates at boot", _status(f"{url}/readyz") == 503)
        _check("unready is unhealthy", not house.is_healthy())
        _check("it migrates", house.run("migrate") == 0)
        _check("it is ready", _status(f"{url}/readyz") == 200)
        _check("ready is healthy", house.is_healthy())
        _check("the check passes", house.run("check") == 0)
        _check("nobody is root", house.user() == USER)
        _check("the root is read-only", not house.can_write("/tmp"))  # noqa: S108
        with tick:
            figures = play(house, Fleet(devices, url))
    _check("web and tick end when told", (web.status, tick.status) == (0, 0))
    return figures


def _check(claim: str, true: bool) -> None:
    if not true:
        raise ImageCheckError(claim)
    print_progress(f"  {claim}")


def _status(url: str) -> int:
    """The status of a reply; 0 where nobody answers."""
    try:
        return urllib3.request("GET", url, retries=False, timeout=5.0).status
    except urllib3.exceptions.HTTPError:
        return 0


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def _format_summary(built: BuiltImage, figures: DemoResult) -> str:
    return (
        f"image: {built.megabytes} MB on {built.base}, built in {built.seconds:.0f} s, "
        f"web tick migrate check tried read-only as uid {USER}; {figures}"
    )


if __name__ == "__main__":
    sys.exit(main())
