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

from demo.building import Built, build
from demo.container import USER, Container, Running
from demo.field_day import MUST_BE, Figures, play
from demo.fleet import Fleet
from demo.playing import say
from demo.server import end_by_signal
from demo.waves import wait_for

TOOLS = ("buildah", "podman", "runc", "mmdebstrap")
INSTALL = (
    "apt-get install --no-install-recommends buildah podman runc netavark mmdebstrap"
)
PATIENCE = 30.0
"""Seconds that a container may take to come up."""


class ImageWrongError(Exception):
    """The image does not do what it must."""


def main() -> int:
    """Builds and tries; returns the exit status."""
    end_by_signal()
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        say(f"missing: {', '.join(missing)}. As root: {INSTALL}")
        return 2
    if os.geteuid() != 0:
        say("containers are built and run as root here: sudo make image")
        return 2
    built = build()
    with TemporaryDirectory(prefix="rapport-image-") as folder:
        house = Container(Path(folder, "server"), built.image, _free_port())
        os.chown(house.folder, USER, USER)
        try:
            figures = _try(house, Path(folder, "devices"))
        except ImageWrongError as error:
            say(f"{house.log.read_text()}\nnot so: {error}")
            return 1
    say(_last_line(built, figures))
    return 0 if figures == MUST_BE else 1


def _try(house: Container, devices: Path) -> Figures:
    """Every verb in the order of a first deployment, and some that must be refused."""
    url = f"http://127.0.0.1:{house.port}"
    _must("an unknown verb is refused", house.run("serve") == 2)
    _must("the check fails without a schema", house.run("check") == 1)
    web = Running(house, "web", "--bind", f"127.0.0.1:{house.port}")
    tick = Running(house, "tick", "--every", "1")
    with web:
        wait_for("alive", lambda: _status(f"{url}/healthz") == 200, PATIENCE)
        _must("nothing migrates at boot", _status(f"{url}/readyz") == 503)
        _must("unready is unhealthy", not house.is_healthy())
        _must("it migrates", house.run("migrate") == 0)
        _must("it is ready", _status(f"{url}/readyz") == 200)
        _must("ready is healthy", house.is_healthy())
        _must("the check passes", house.run("check") == 0)
        _must("nobody is root", house.user() == USER)
        _must("the root is read-only", not house.can_write("/tmp"))  # noqa: S108
        with tick:
            figures = play(house, Fleet(devices, url))
    _must("web and tick end when told", (web.status, tick.status) == (0, 0))
    return figures


def _must(claim: str, true: bool) -> None:
    if not true:
        raise ImageWrongError(claim)
    say(f"  {claim}")


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


def _last_line(built: Built, figures: Figures) -> str:
    return (
        f"image: {built.megabytes} MB on {built.base}, built in {built.seconds:.0f} s, "
        f"web tick migrate check tried read-only as uid {USER}; {figures}"
    )


if __name__ == "__main__":
    sys.exit(main())
