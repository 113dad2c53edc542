"""Python runs this before any program: here the service is broken, from outside."""

import os
import traceback

from tests.chaos.breaks import SERVICE

try:
    SERVICE[os.environ["CHAOS_BREAK"]].patch()
except Exception:  # noqa: BLE001 - Python would go on with a whole service
    traceback.print_exc()
    os._exit(1)
