"""Python runs this before any program: here the service is broken, from outside."""

import os

from tests.chaos.breaks import SERVICE

SERVICE[os.environ["CHAOS_BREAK"]]()
