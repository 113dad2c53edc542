"""What every test of this folder may ask for."""

import pytest

from tests.integrators.as_admin import Admin


@pytest.fixture
def admin(agency):
    """The administrator of the test's agency."""
    return Admin(agency)
