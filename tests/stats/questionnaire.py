"""A small questionnaire and strategies for people's answers to it."""

import numpy as np
from hypothesis import strategies as st

from rapport_service.stats.sufficient_statistics import Layout, SufficientStatistics

TRUST = ("T1", "T2", "T3")
COMMUNICATION = ("C1", "C2")
LAYOUT = Layout(
    items=("A0", *TRUST, *COMMUNICATION),
    categories=5,
    groups={
        "any": ("A0", *TRUST, *COMMUNICATION),
        "trust": TRUST,
        "communication": COMMUNICATION,
        "overall": (*TRUST, *COMMUNICATION),
    },
    contexts=("normal", "stretched", "crisis"),
)

CODES = st.integers(-2, 5)
PEOPLE = st.lists(
    st.tuples(
        st.tuples(*[CODES] * len(LAYOUT.items)),
        st.sampled_from([None, *LAYOUT.contexts]),
    ),
    max_size=12,
)


def statistics_of(people):
    """The statistics of some (codes, context) pairs."""
    rows = [codes for codes, _ in people]
    matrix = np.array(rows, dtype=np.int64).reshape(-1, len(LAYOUT.items))
    return SufficientStatistics.from_rows(
        LAYOUT, matrix, [context for _, context in people]
    )


def trust_statistics(*rows):
    """The statistics of people of whom only the three trust answers matter."""
    return statistics_of([((0, *row, 0, 0), None) for row in rows])
