"""Installation whose programs run in containers, with the fewest rights.

Read-only but for the folder with the database, without any privilege, as the user that
the image names.
"""

import signal
import subprocess
from pathlib import Path
from typing import Self

from demo.installation import Installation

USER = 10001
"""The image's user, who has to own what it writes."""

PODMAN = ("podman", "--runtime", "runc", "--cgroup-manager", "cgroupfs")
RUN = (
    *("run", "--rm", "--network=host"),
    *("--read-only", "--read-only-tmpfs=false", "--cap-drop=ALL"),
    "--security-opt=no-new-privileges",
    # Without these, podman asks for more than the hard limits of some machines.
    *("--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096"),
    *("--env=RAPPORT_SECRET", "--env=RAPPORT_DATABASE_URL", "--env=PORT"),
    "--env=RAPPORT_SEALING_KEYS",
)
STOP_SECONDS = 20


class Container(Installation):
    """An installation in a folder that is the only one the containers can write to.

    Args:
        folder: made if missing.
        image: the service's.
        port: where to serve.
    """

    def __init__(self, folder: Path, image: str, port: int) -> None:
        super().__init__(folder, folder.with_name("sealing-keys"))
        self.port = port
        self._image = image

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the service, with the port that the health check calls."""
        return super().environment | {"PORT": str(self.port)}

    def command(self, name: str, *arguments: str) -> list[str]:
        """The command that starts a verb of the image, such as ``web``."""
        mounts = [
            f"--volume={path}:{path}"
            for path in (self.folder, self.sealing_folder)
            if path is not None and path.exists()
        ]
        named = f"--name={self.name(name)}"
        return [*PODMAN, *RUN, *mounts, named, self._image, name, *arguments]

    def name(self, verb: str) -> str:
        """The name of the container that a verb runs in."""
        return f"rapport-{self.port}-{verb}"

    def run(self, *verb: str) -> int:
        """Runs a verb to its end, its output into the log; returns its exit status."""
        return self._run(self.command(*verb))

    def is_healthy(self) -> bool:
        """Whether the running ``web`` passes the image's own health check."""
        return self._run([*PODMAN, "healthcheck", "run", self.name("web")]) == 0

    def user(self) -> int:
        """The id of the user that the running ``web`` runs as."""
        command = [*PODMAN, "exec", self.name("web"), "id", "-u"]
        return int(subprocess.run(command, capture_output=True, check=True).stdout)

    def can_write(self, folder: str) -> bool:
        """Whether the running ``web`` could write there."""
        command = [*PODMAN, "exec", self.name("web"), "test", "-w", folder]
        return self._run(command) == 0

    def _run(self, command: list[str]) -> int:
        with self.log.open("ab") as log:
            return subprocess.run(
                command, env=self.environment, stdout=log, stderr=log, check=False
            ).returncode


class RunningVerb:
    """A verb that runs until the block ends, and is then stopped by SIGTERM.

    Attributes:
        status: its exit status once the block has ended.
    """

    def __init__(self, container: Container, *verb: str) -> None:
        self._container = container
        self._verb = verb
        self.status: int | None = None

    def __enter__(self) -> Self:
        with self._container.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._container.command(*self._verb),
                env=self._container.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop it in order
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGTERM)  # podman passes it on
        try:
            self.status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            name = self._container.name(self._verb[0])
            subprocess.run([*PODMAN, "rm", "--force", name], check=False)
            self._process.wait()
