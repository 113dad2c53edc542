"""Python runs this before any program: here the service is broken, from outside."""

import os
import traceback

from tools.chaos.mutations import SERVICE_MUTATIONS

try:
    SERVICE_MUTATIONS[os.environ["CHAOS_BREAK"]].apply()
except Exception:  # noqa: BLE001 - Python would go on with a whole service
    traceback.print_exc()
    os._exit(1)
