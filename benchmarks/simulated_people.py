"""Simulated answers of any number of people, as a ballot box keeps them."""

import json
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from rapport_service.encoding import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT

BATCH_SIZE = 100_000
QUESTIONS_PER_PERSON = 5
"""Questions a person: the anchor and four items."""

CONTEXTS = (*CURRENT_INSTRUMENT.contexts, None)
TEXTS = [
    json.dumps([*values, context], separators=(",", ":"))
    for values in product(
        range(1, CURRENT_INSTRUMENT.scale + 1), repeat=QUESTIONS_PER_PERSON
    )
    for context in CONTEXTS
]
"""All possible answers of one person, as the service stores them."""


class SimulatedAnswers(NamedTuple):
    """Answers of one person: with a ballot's hash before the seal, a key after it.

    Attributes:
        key: a random UUID in hex.
        digest: stands for that of the envelope.
    """

    ballot_hash: bytes
    key: str
    digest: str
    form: int
    text: str


def simulate_people(
    people: int, middle: float, seed: tuple[int, ...]
) -> Iterator[SimulatedAnswers]:
    """Yield people who answer around a middle, 1 to 5, on forms drawn at random."""
    rng = np.random.default_rng(seed)
    for first in range(0, people, BATCH_SIZE):
        size = min(BATCH_SIZE, people - first)
        values = np.rint(rng.normal(middle, 1.0, (size, QUESTIONS_PER_PERSON))).clip(
            1, CURRENT_INSTRUMENT.scale
        )
        places = (values.astype(int) - 1) @ (
            CURRENT_INSTRUMENT.scale ** np.arange(QUESTIONS_PER_PERSON)[::-1]
        )
        texts = places * len(CONTEXTS) + rng.integers(len(CONTEXTS), size=size)
        forms = rng.integers(len(CURRENT_INSTRUMENT.forms), size=size)
        hashes, keys = rng.bytes(32 * size), rng.bytes(16 * size).hex()
        for place, (form, text) in enumerate(
            zip(forms.tolist(), texts.tolist(), strict=True)
        ):
            ballot_hash = hashes[32 * place : 32 * place + 32]
            key = keys[32 * place : 32 * place + 32]
            yield SimulatedAnswers(
                ballot_hash, key, base64url.encode(ballot_hash), form, TEXTS[text]
            )
