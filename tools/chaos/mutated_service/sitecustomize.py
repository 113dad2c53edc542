"""Applies a mutation to the service; Python imports this before any program."""

import os
import traceback

from tools.chaos.mutations import SERVICE_MUTATIONS

try:
    SERVICE_MUTATIONS[os.environ["CHAOS_MUTATION"]].apply()
except Exception:  # noqa: BLE001 - Python would go on with a whole service
    traceback.print_exc()
    os._exit(1)
