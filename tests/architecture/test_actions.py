"""Actions and permissions: one write path, each with a permission that exists, each named in a test."""

from __future__ import annotations

import ast
import inspect

from pilothouse.kernel.access.roles import PERMISSIONS, ROLES
from pilothouse.kernel.actions import ACTIONS
from tests.architecture.house import excused, import_everything, names_in_tests, trees

UNTESTED_ACTIONS: dict[str, str] = {}
UNUSED_PERMISSIONS: dict[str, str] = {}


def actions():
    import_everything()
    return {name: spec for name, spec in ACTIONS.items() if name.startswith("pilothouse.")}


def test_every_permission_that_an_action_asks_for_exists():
    unknown = {name: spec.permission for name, spec in actions().items() if spec.permission not in PERMISSIONS}
    assert not unknown


def test_every_action_takes_keywords_and_an_actor():
    faults = []
    for name, spec in actions().items():
        parameters = inspect.signature(spec.function).parameters
        positional = [p.name for p in parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        if positional or "actor" not in parameters or (spec.on and spec.on not in parameters):
            faults.append(name)
    assert not faults


def test_every_action_is_named_in_a_test():
    faults = {name: "no test names it" for name in actions() if name.rsplit(".", 1)[-1] not in names_in_tests()}
    excused(faults, UNTESTED_ACTIONS)


def test_every_permission_is_asked_for_somewhere():
    asked = set()
    for path, tree in trees().items():
        if path != "src/pilothouse/kernel/access/roles.py":
            asked |= {
                node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in PERMISSIONS
            }
    excused(dict.fromkeys(set(PERMISSIONS) - asked, "nothing asks for it"), UNUSED_PERMISSIONS)


def test_roles_hold_permissions_that_exist():
    for title, permissions in ROLES.values():
        assert set(permissions) <= set(PERMISSIONS), title
        assert set(permissions.values()) <= {"all", "own"}, title
