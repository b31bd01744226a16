"""Lists come in pages by cursor: the order is stable, so nothing is skipped or doubled while rows are added."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Q, QuerySet
from ninja import Field, Schema
from ninja.pagination import PaginationBase, paginate

from pilothouse.contracts.canonical import plain
from pilothouse.contracts.errors import Invalid

DEFAULT, MOST = 50, 200

F = TypeVar("F", bound=Callable[..., Any])


class Cursor(PaginationBase):
    """What `@paged(…)` pages by; the operation returns a queryset.

    `order` names fields of the model (a minus for descending) that are never null and together unique; the default is
    the id, which is the order of creation.
    """

    class Input(Schema):
        limit: int = Field(DEFAULT, ge=1, le=MOST, description="Rows in a page.")
        cursor: str = Field("", max_length=2000, description="`next` of the page before; empty for the first.")

    class Output(Schema):
        items: list[Any]
        next: str | None = Field(description="The cursor of the next page; null on the last.")

    def __init__(self, *, order: tuple[str, ...] = ("id",), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.order = order

    def paginate_queryset(
        self, queryset: QuerySet[Any], pagination: Input, request: Any, **params: Any
    ) -> dict[str, Any]:
        rows = queryset.order_by(*self.order)
        if pagination.cursor:
            rows = rows.filter(after(queryset, self.order, pagination.cursor))
        page = list(rows[: pagination.limit + 1])
        more = len(page) > pagination.limit
        page = page[: pagination.limit]
        return {"items": page, "next": encode(page[-1], self.order) if more else None}


def paged(*order: str) -> Callable[[F], F]:
    """`@paged("number")` under `@router.get(…, response=list[Row])`: the queryset it returns, in pages by cursor."""

    def wrap(operation: F) -> F:
        # django-ninja would look them up in its own module, since it wraps the function; so they are resolved here.
        operation.__annotations__ = get_type_hints(operation, include_extras=True)
        wrapped: F = paginate(Cursor, order=order or ("id",))(operation)
        return wrapped

    return wrap


def encode(row: Any, order: tuple[str, ...]) -> str:
    """The cursor that points just past `row`."""
    values = [plain(getattr(row, name.lstrip("-"))) for name in order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def after(queryset: QuerySet[Any], order: tuple[str, ...], cursor: str) -> Q:
    """The rows past a cursor: (a > x) or (a = x and b > y) or … Raises Invalid for a cursor that we did not make."""
    wrong = Invalid("That cursor is not one of ours.", fields={"cursor": "Use `next` of the page before, unchanged."})
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fields = [queryset.model._meta.get_field(name.lstrip("-")) for name in order]
        if not isinstance(values, list) or len(values) != len(fields) or None in values:
            raise wrong
        values = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, OverflowError, ValidationError, FieldDoesNotExist):
        raise wrong from None
    past, same = Q(pk__in=[]), Q()
    for name, value in zip(order, values, strict=True):
        field, way = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        past |= same & Q(**{f"{field}__{way}": value})
        same &= Q(**{field: value})
    return past
