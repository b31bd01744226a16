"""Which row of one file is which row of the next. Pure.

An id of the source's own is used when it is one: filled, not a placeholder, and not repeated for that agency in the
file. Otherwise a row is known by agency, unit and name, white space folded and case ignored, plus its occurrence
number, for names repeat within a unit.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence

from pilothouse.kernel.imports.draft import Draft
from pilothouse.kernel.imports.words import key_of, missing_kind


def identify(drafts: Sequence[Draft]) -> None:
    """Give every draft its `fingerprint` (by what it says of itself) and its `identity` (by id, else the same)."""
    ids = Counter(key for draft in drafts if (key := _id_key(draft)))
    seen: Counter[str] = Counter()
    for draft in drafts:
        plain = json.dumps([key_of(draft.agency), [key_of(u) for u in draft.values.get("unit", ())], _name(draft)])
        seen[plain] += 1
        draft.fingerprint = "row:" + _digest(plain, seen[plain])
        key = _id_key(draft)
        if key and ids[key] == 1:
            draft.identity = "id:" + _digest(key, 1)
            continue
        draft.identity = draft.fingerprint
        if key:
            draft.flags.append(f"The id “{draft.row_id}” stands in {ids[key]} rows, so it names none of them.")


def _name(draft: Draft) -> str:
    return key_of(draft.values.get("name", ""))


def _id_key(draft: Draft) -> str:
    """Agency and id as one key, or nothing when the id is a placeholder such as “TBD”."""
    if not draft.row_id or missing_kind(draft.row_id):
        return ""
    return json.dumps([key_of(draft.agency), key_of(draft.row_id)])


def _digest(plain: str, occurrence: int) -> str:
    return hashlib.sha256(f"{plain}#{occurrence}".encode()).hexdigest()[:48]
