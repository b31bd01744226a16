import pytest

from pilothouse.kernel.records.tests import toys as kinds


@pytest.fixture
def toys(monkeypatch):
    """Record kinds of every sort, registered for one test."""
    return kinds.register(monkeypatch)
