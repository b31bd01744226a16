"""The REST API under /api/v1: mounts every room's router, checks the token, gives every error one shape.

A room that has `web/<room>/api.py` (or a domain with `api.py`) with a `router` is mounted here at its name; `PREFIX` in
that module, if there is one, names another place. Every operation needs a token: there is no open one.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from django.http import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from pilothouse import __version__
from pilothouse.web.api import Bearer, Problem, problem
from pilothouse.web.api.idempotency import idempotent
from pilothouse.web.api.problem import MEDIA_TYPE, as_error, of_status

ROOMS = ("pilothouse.web", "pilothouse.domains", "pilothouse.domains.governance", "pilothouse.programme")
PREFIX = "/api/v1/"

# What an operation may answer besides its own responses; declared once, here.
ALWAYS = (401, 403, 404, 409, 422, 429)
WRITES = (400, 412, 413)


class Description(OpenAPISchema):
    """django-ninja's OpenAPI document, which would let one room's schema replace another's of the same name."""

    def add_schema_definitions(self, definitions: dict[str, Any]) -> None:
        for name, definition in definitions.items():
            if self.schemas.get(name, definition) != definition:
                raise ValueError(f"two schemas of the API are called {name}; rename one")
        super().add_schema_definitions(definitions)


class Api(NinjaAPI):
    """django-ninja, with our names for operations and every error declared."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        # pilothouse.web.<room>.api, or a module in it: the operations are named after their room.
        room = operation.view_func.__module__.split(".api")[0].rsplit(".", 1)[-1]
        return f"{room}_{operation.view_func.__name__}"

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> Any:
        schema = Description(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)
        schema["components"].setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                _declare_errors(method, operation)
        return schema


def _declare_errors(method: str, operation: dict[str, Any]) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in ALWAYS if method == "get" else ALWAYS + WRITES:
        operation["responses"].setdefault(status, {"description": of_status(status).detail, "content": content})
    names = {parameter["name"] for parameter in operation["parameters"]}
    if method == "post" and "Idempotency-Key" not in names:
        operation["parameters"].append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "schema": {"type": "string", "maxLength": 200},
                "description": "Send the same key again and the work is done once; kept for 24 hours.",
            }
        )


bearer = Bearer()
api = Api(
    title="Pilothouse",
    version=__version__,
    description="The register of AI systems, what may run, and the proof. The organisation is the token's.",
    auth=bearer,
    docs_url=None,
    urls_namespace="api",
)
api.add_decorator(idempotent(bearer), mode="view")


def on_error(request: Any, exc: Any) -> Any:
    """Render what an operation raised. A fault of ours is raised on, so that the log gets its traceback."""
    error = as_error(exc)
    if error.status >= 500:
        raise exc
    return problem(request, error)


for kind in (Exception, HttpError, AuthenticationError, Throttled, ValidationError):
    api.add_exception_handler(kind, on_error)


def routers() -> Iterator[tuple[str, ModuleType]]:
    """Every room's API module, by where it is mounted."""
    for parent in ROOMS:
        if importlib.util.find_spec(parent) is None:
            continue
        for info in pkgutil.iter_modules(importlib.import_module(parent).__path__):
            name = f"{parent}.{info.name}.api"
            if info.ispkg and importlib.util.find_spec(name) is not None:
                module = importlib.import_module(name)
                if hasattr(module, "router"):
                    yield getattr(module, "PREFIX", info.name), module


for place, module in routers():
    api.add_router(place, module.router)


class ApiErrorsMiddleware:
    """Under /api/v1 even what no operation answered (a wrong path or method, a fault) is a problem document."""

    def __init__(self, get_response: Callable[[Any], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith(PREFIX) or response.status_code < 400:
            return response
        if response.get("Content-Type", "").startswith(MEDIA_TYPE):
            return response
        replaced = problem(request, of_status(response.status_code))
        if "Allow" in response:
            replaced["Allow"] = response["Allow"]
        return replaced
