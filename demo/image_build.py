"""Build of the service's image with buildah, with or without a registry."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from demo.wave_steps import print_progress

IMAGE = "localhost/rapport:dev"
BASE = "docker.io/library/debian:bookworm-slim"
FALLBACK_BASE = "localhost/rapport-base:bookworm"
EXCLUDED_FOLDERS = ("doc", "info", "locale", "man")
"""Folders below /usr/share that the slim base does not have."""


@dataclass(frozen=True)
class BuiltImage:
    """An image that was built.

    Attributes:
        image: its name.
        base: the base image, in words.
        megabytes: its size with the base.
        seconds: the time of the build, without that of the base.
    """

    image: str
    base: str
    megabytes: int
    seconds: float


def build_image() -> BuiltImage:
    """Builds the image from this source tree.

    Raises:
        subprocess.CalledProcessError: buildah or mmdebstrap failed; its output is
            printed.
    """
    base = _pull_base()
    print_progress(f"Building {IMAGE} on {base}.")
    began = time.monotonic()
    _run_captured(
        *("buildah", "build", "--layers", "--format", "docker"),
        *("--isolation", "chroot", "--network=host", "--pull=never"),
        *_certificate_arguments(),
        *("--build-arg", f"BASE={base}", "--tag", IMAGE, "."),
    )
    seconds = time.monotonic() - began
    size = _run_captured("podman", "image", "inspect", "--format", "{{.Size}}", IMAGE)
    name = "debian:bookworm-slim" if base == BASE else "a stand-in of the same packages"
    return BuiltImage(IMAGE, name, round(int(size) / 1e6), seconds)


def _pull_base() -> str:
    """Pulls the base from its registry, or makes a stand-in of Debian's packages."""
    if _succeeds("buildah", "pull", "--quiet", BASE):
        return BASE
    if not _succeeds("buildah", "inspect", "--type", "image", FALLBACK_BASE):
        _import_base(_make_debian_base())
    return FALLBACK_BASE


def _make_debian_base() -> Path:
    """Makes a root file system of Debian 12, which is cached."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    archive = cache / "rapport" / "bookworm-slim.tar"
    if not archive.exists():
        print_progress(
            f"No registry can be reached. Making a stand-in for {BASE}."
            " It takes a minute or two."
        )
        archive.parent.mkdir(parents=True, exist_ok=True)
        unfinished = archive.with_suffix(".unfinished.tar")
        _run_captured(
            *("mmdebstrap", "--variant=minbase"),
            *(
                f"--dpkgopt=path-exclude=/usr/share/{name}/*"
                for name in EXCLUDED_FOLDERS
            ),
            *("bookworm", str(unfinished)),
        )
        unfinished.rename(archive)
    return archive


def _import_base(debian: Path) -> None:
    container = _run_captured("buildah", "from", "scratch")
    _run_captured("buildah", "add", "--quiet", container, str(debian), "/")
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    _run_captured("buildah", "config", "--env", path, container)
    _run_captured("buildah", "commit", "--quiet", "--rm", container, FALLBACK_BASE)


def _certificate_arguments() -> list[str]:
    """Options that lend the certificates of this computer to pip during the build."""
    bundle = os.environ.get("SSL_CERT_FILE")
    if not bundle:
        return []
    secret = f"id=certificates,src={bundle}"
    setting = "PIP_CERT=/run/secrets/certificates"
    return ["--secret", secret, "--build-arg", setting]


def _run_captured(*command: str) -> str:
    """Runs a command and returns its output, which is printed only if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print_progress(done.stdout + done.stderr)
        done.check_returncode()
    return done.stdout.strip()


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
