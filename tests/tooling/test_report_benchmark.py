"""``make bench-reports`` fails if the cost of a report grows with the answers."""

import pytest
from sqlalchemy import create_engine, func, select, text

from benchmarks.query_meter import BenchmarkCase, Meter, run_interleaved
from benchmarks.reports import compare_costs


def measurement(*costs, seconds=(0.01,)):
    return BenchmarkCase("a course", lambda: None, set(costs), list(seconds))


def test_the_same_cost_and_the_same_time_pass():
    line, status = compare_costs(
        measurement((5, 24)), measurement((5, 24), seconds=(0.012,))
    )

    assert status == 0
    assert line.endswith("statements 5 = 5, rows 24 = 24, median time ratio 1.20")


@pytest.mark.parametrize(
    "many",
    [
        measurement((6, 24)),
        measurement((5, 25)),
        measurement((5, 24), (6, 24)),
        measurement((5, 24), seconds=(0.016,)),
    ],
    ids=["a statement more", "a row more", "now and then a statement more", "slower"],
)
def test_a_cost_that_grows_fails(many):
    assert compare_costs(measurement((5, 24)), many)[1] == 1


def test_a_cost_that_varies_fails():
    line, status = compare_costs(
        measurement((5, 24), (6, 25)), measurement((5, 24), (6, 25))
    )

    assert status == 1
    assert "statements 5 or 6 /= 5 or 6, rows 24 or 25" in line


@pytest.fixture
def engine(postgresql):
    engine = create_engine(postgresql.url("postgres"))
    yield engine
    engine.dispose()


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_statements_and_rows_are_counted(engine, rows):
    several = select(func.generate_series(1, rows))

    def request():
        with engine.connect() as connection:
            connection.execute(several).all()
            connection.execute(text("SET TRANSACTION READ ONLY"))

    kept = BenchmarkCase("rows", request)
    run_interleaved(Meter(engine), [kept], rounds=2, warm_up_rounds=1)

    assert kept.costs == {(2, rows)}
    assert len(kept.seconds) == 2
