"""Pilothouse: the control room of a Chief AI Officer."""

__version__ = "0.1.0"
