"""The same Harbour as the kernel's tests of the policy."""

from pilothouse.kernel.policy.tests.conftest import _home, call, issued, offered, system, upstream

__all__ = ["_home", "call", "issued", "offered", "system", "upstream"]
