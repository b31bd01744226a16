"""The pages of frameworks and controls, one file a subject."""

from pilothouse.domains.governance.frameworks.pages.controls import (
    attach,
    control,
    control_list,
    control_new,
    control_of_system,
    detach,
    settle,
)
from pilothouse.domains.governance.frameworks.pages.download import components, download, export
from pilothouse.domains.governance.frameworks.pages.framework import framework, gaps, requirement
from pilothouse.domains.governance.frameworks.pages.lists import framework_list, matrix
from pilothouse.domains.governance.frameworks.pages.writing import adopt, framework_new, map_requirement, withdraw

__all__ = [
    "adopt",
    "attach",
    "components",
    "control",
    "control_list",
    "control_new",
    "control_of_system",
    "detach",
    "download",
    "export",
    "framework",
    "framework_list",
    "framework_new",
    "gaps",
    "map_requirement",
    "matrix",
    "requirement",
    "settle",
    "withdraw",
]
