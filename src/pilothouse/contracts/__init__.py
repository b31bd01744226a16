"""Frozen values and pure functions that both planes share: no Django, no I/O."""
