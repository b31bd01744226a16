"""The warehouse of the kernel's tests, for the faces."""

from pilothouse.kernel.traffic.tests.conftest import alpha, beta, home, told

__all__ = ["alpha", "beta", "home", "told"]
