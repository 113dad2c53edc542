"""``rapport`` with a clock that leapt: ``leaping_clock SECONDS tick --every 1``.

The first argument is by how many seconds the clock is ahead; the others are those of
``rapport``.
"""

import sys
from datetime import timedelta
from functools import partial

from rapport_service import cli
from rapport_service.core.clock import system_clock
from tools.chaos.mutations import replace_attribute


def main(seconds: float) -> None:
    """Runs the command that the other arguments name."""
    error = timedelta(seconds=seconds)
    create_app = partial(vars(cli)["create_app"], clock=lambda: system_clock() + error)
    replace_attribute(cli, "create_app", create_app)
    cli.main()


if __name__ == "__main__":
    main(float(sys.argv.pop(1)))
