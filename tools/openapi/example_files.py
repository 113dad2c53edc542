"""Examples of the wire as files: what one holds, and where they lie."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "schemas/examples/v1"


@dataclass(frozen=True)
class Example:
    """One exchange: the operation, a sentence about it, request and response."""

    operation: str
    about: str
    request: dict[str, Any]
    response: dict[str, Any]

    def text(self) -> str:
        """The example as its file has it."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"


def load_examples() -> dict[str, Example]:
    """The examples that are written down, by name."""
    return {
        path.stem: Example(**json.loads(path.read_bytes()))
        for path in sorted(FOLDER.glob("*.json"))
        if "." in path.stem  # the others are vectors, not exchanges
    }
