"""Frozen texts of people who gave particular answers."""

import json
import secrets
from collections.abc import Sequence

from rapport_service.encoding import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT


def answers_text(
    form: int, values: Sequence[object], context: str | None = None
) -> str:
    """The text of somebody who answered the items of a form in the order shown."""
    shown = [item.id for item in CURRENT_INSTRUMENT.items_on_form(form)]
    return json.dumps(
        {
            "form": form,
            "answers": dict(zip(shown, values, strict=True)),
            "context": context,
            "nonce": base64url.encode(secrets.token_bytes(16)),
        }
    )


def keyed_alike(form: int, value: int, context: str | None = None) -> str:
    """Somebody whose every answer means the same once reversed items are turned."""
    shown = CURRENT_INSTRUMENT.items_on_form(form)
    values = [6 - value if item.reversed else value for item in shown]
    return answers_text(form, values, context)
