"""Builds the service's image with buildah, also where no registry can be reached."""

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
"""Below /usr/share; the slim base leaves these out."""


@dataclass(frozen=True)
class BuiltImage:
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


def build_image() -> BuiltImage:
    """Builds the image from this source tree.

    Raises:
        subprocess.CalledProcessError: buildah or mmdebstrap failed and said why.
    """
    base = _pull_base()
    print_progress(f"building {IMAGE} on {base}")
    began = time.monotonic()
    _run_captured(
        *("buildah", "build", "--layers", "--format", "docker"),
        *("--isolation", "chroot", "--network=host", "--pull=never"),
        *_certificate_arguments(),
        *("--build-arg", f"BASE={base}", "--tag", IMAGE, "."),
    )
    seconds = time.monotonic() - began
    size = _run_captured("podman", "image", "inspect", "--format", "{{.Size}}", IMAGE)
    told = "debian:bookworm-slim" if base == BASE else "a stand-in of the same packages"
    return BuiltImage(IMAGE, told, round(int(size) / 1e6), seconds)


def _pull_base() -> str:
    """The base from its registry, or a stand-in made of Debian's packages."""
    if _succeeds("buildah", "pull", "--quiet", BASE):
        return BASE
    if not _succeeds("buildah", "inspect", "--type", "image", FALLBACK_BASE):
        _import_base(_make_debian_base())
    return FALLBACK_BASE


def _make_debian_base() -> Path:
    """A root file system of Debian 12, kept from one time to the next."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    kept = cache / "rapport" / "bookworm-slim.tar"
    if not kept.exists():
        print_progress(f"no registry: making a stand-in for {BASE}, a minute or two")
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_suffix(".unfinished.tar")
        _run_captured(
            *("mmdebstrap", "--variant=minbase"),
            *(
                f"--dpkgopt=path-exclude=/usr/share/{name}/*"
                for name in EXCLUDED_FOLDERS
            ),
            *("bookworm", str(unfinished)),
        )
        unfinished.rename(kept)
    return kept


def _import_base(debian: Path) -> None:
    container = _run_captured("buildah", "from", "scratch")
    _run_captured("buildah", "add", "--quiet", container, str(debian), "/")
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    _run_captured("buildah", "config", "--env", path, container)
    _run_captured("buildah", "commit", "--quiet", "--rm", container, FALLBACK_BASE)


def _certificate_arguments() -> list[str]:
    """Lends this machine's own certificates to pip, for the build alone."""
    bundle = os.environ.get("SSL_CERT_FILE")
    if not bundle:
        return []
    secret = f"id=certificates,src={bundle}"
    there = "PIP_CERT=/run/secrets/certificates"
    return ["--secret", secret, "--build-arg", there]


def _run_captured(*command: str) -> str:
    """Runs a command and returns what it printed; its words appear only if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print_progress(done.stdout + done.stderr)
        done.check_returncode()
    return done.stdout.strip()


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
