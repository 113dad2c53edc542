"""Builds the service's image with buildah, also where no registry can be reached."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from demo.playing import say

IMAGE = "localhost/rapport:dev"
BASE = "docker.io/library/debian:bookworm-slim"
STAND_IN = "localhost/rapport-base:bookworm"
UNWANTED = ("doc", "info", "locale", "man")
"""Below /usr/share; the slim base leaves these out."""


@dataclass(frozen=True)
class Built:
    """An image.

    Attributes:
        image: its name.
        base: what it stands on, in words.
        megabytes: its size, base included.
        seconds: what the build took, without the making of a base.
    """

    image: str
    base: str
    megabytes: int
    seconds: float


def build() -> Built:
    """Builds the image from this source tree.

    Raises:
        subprocess.CalledProcessError: buildah or mmdebstrap failed and said why.
    """
    base = _base()
    say(f"building {IMAGE} on {base}")
    began = time.monotonic()
    _quietly(
        *("buildah", "build", "--layers", "--format", "docker"),
        *("--isolation", "chroot", "--network=host", "--pull=never"),
        *_certificates(),
        *("--build-arg", f"BASE={base}", "--tag", IMAGE, "."),
    )
    seconds = time.monotonic() - began
    size = _quietly("podman", "image", "inspect", "--format", "{{.Size}}", IMAGE)
    told = "debian:bookworm-slim" if base == BASE else "a stand-in of the same packages"
    return Built(IMAGE, told, round(int(size) / 1e6), seconds)


def _base() -> str:
    """The base from its registry, or a stand-in made of Debian's packages."""
    if _succeeds("buildah", "pull", "--quiet", BASE):
        return BASE
    if not _succeeds("buildah", "inspect", "--type", "image", STAND_IN):
        _import(_debian())
    return STAND_IN


def _debian() -> Path:
    """A root file system of Debian 12, kept from one time to the next."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    kept = cache / "rapport" / "bookworm-slim.tar"
    if not kept.exists():
        say(f"no registry: making a stand-in for {BASE}, a minute or two")
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(".unfinished.tar")
        _quietly(
            *("mmdebstrap", "--variant=minbase"),
            *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in UNWANTED),
            *("bookworm", str(unfinished)),
        )
        unfinished.rename(kept)
    return kept


def _import(debian: Path) -> None:
    container = _quietly("buildah", "from", "scratch")
    _quietly("buildah", "add", "--quiet", container, str(debian), "/")
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    _quietly("buildah", "config", "--env", path, container)
    _quietly("buildah", "commit", "--quiet", "--rm", container, STAND_IN)


def _certificates() -> list[str]:
    """Lends this machine's own certificates to pip, for the build alone."""
    bundle = os.environ.get("SSL_CERT_FILE")
    if not bundle:
        return []
    secret = f"id=certificates,src={bundle}"
    there = "PIP_CERT=/run/secrets/certificates"
    return ["--secret", secret, "--build-arg", there]


def _quietly(*command: str) -> str:
    """Runs a command and returns what it printed; its words appear only if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(done.stdout + done.stderr)
        done.check_returncode()
    return done.stdout.strip()


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
