"""No god files: the largest file is what separates a house one wants to live in from the others."""

from __future__ import annotations

import ast

from tests.architecture.house import excused, is_made, is_test, texts, trees

FILE_LINES, TEST_LINES, FUNCTION_LINES = 400, 600, 60

LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}


def test_files_are_short():
    faults = {}
    for path, text in texts(".py", ".html", ".js", ".css"):
        lines = text.count("\n")
        if lines > (TEST_LINES if is_test(path) else FILE_LINES) and not is_made(path):
            faults[path] = f"{lines} lines; make it a folder of that name with a file for each subject"
    excused(faults, LONG_FILES)


def test_functions_are_short():
    faults = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    faults[f"{path}:{node.name}"] = f"{lines} lines"
    excused(faults, LONG_FUNCTIONS)
