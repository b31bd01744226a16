"""Converters that addresses of several rooms use; registered when the web starts (apps.py)."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import StringConverter


class ExportKind(StringConverter):
    """The ending of an export: csv or xlsx."""

    regex = "csv|xlsx"


register_converter(ExportKind, "export_kind")
