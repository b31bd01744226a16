"""Writing documents: a draft that forgives, a seal that does not, and what comes after it; one at a time or many."""

from pilothouse.kernel.records.actions.again import record_confirm, records_reopen, records_settle
from pilothouse.kernel.records.actions.keeping import entry_keep
from pilothouse.kernel.records.actions.many import records_draft, records_seal
from pilothouse.kernel.records.actions.one import record_draft, record_seal, record_withdraw, unready
from pilothouse.kernel.records.actions.parts import hash_of
from pilothouse.kernel.records.actions.sheet import Outcome, Writing, sheet_save
from pilothouse.kernel.records.kinds import kind_of, schema_for

__all__ = [
    "Outcome",
    "Writing",
    "entry_keep",
    "hash_of",
    "kind_of",
    "record_confirm",
    "record_draft",
    "record_seal",
    "record_withdraw",
    "records_draft",
    "records_reopen",
    "records_seal",
    "records_settle",
    "schema_for",
    "sheet_save",
    "unready",
]
