"""Writing the inventory: one module a subject. Every write takes the organisation's log first (see `_begin`)."""

from pilothouse.kernel.inventory.actions.components import (
    component_add,
    component_change,
    relation_add,
    relation_remove,
)
from pilothouse.kernel.inventory.actions.custom import (
    custom_field_add,
    custom_field_change,
    saved_view_delete,
    saved_view_save,
)
from pilothouse.kernel.inventory.actions.duplicates import duplicate_decide, duplicates_find
from pilothouse.kernel.inventory.actions.leavers import owners_release
from pilothouse.kernel.inventory.actions.statements import date_set, performance_add, practice_state
from pilothouse.kernel.inventory.actions.systems import (
    BulkChange,
    BulkRow,
    allocate_numbers,
    bulk_preview,
    next_number,
    owner_assign,
    system_bulk_change,
    system_change,
    system_create,
    system_tag,
)

__all__ = [
    "BulkChange",
    "BulkRow",
    "allocate_numbers",
    "bulk_preview",
    "component_add",
    "component_change",
    "custom_field_add",
    "custom_field_change",
    "date_set",
    "duplicate_decide",
    "duplicates_find",
    "next_number",
    "owner_assign",
    "owners_release",
    "performance_add",
    "practice_state",
    "relation_add",
    "relation_remove",
    "saved_view_delete",
    "saved_view_save",
    "system_bulk_change",
    "system_change",
    "system_create",
    "system_tag",
]
