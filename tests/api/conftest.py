"""Fixtures of this folder."""

import pytest

from tests.support.admin import AdminClient


@pytest.fixture
def admin(agency):
    """The administrator of the test's agency."""
    return AdminClient(agency)
