"""Is the model that was called one that was approved? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

NOT_LETTERS = re.compile(r"[^a-z0-9]+")


def plain(name: str) -> str:
    """A model's name without its upstream, capitals and signs: `acme/Small-3` and `small 3` are one."""
    return NOT_LETTERS.sub("", name.rsplit("/", 1)[-1].casefold())


def is_approved(model: str, approved: Iterable[Mapping[str, str]]) -> bool:
    """Does a manifest name this model? With its version, without one, or as the beginning of a dated name, such as
    `small-3-2026-05-01` where `small 3` is approved."""
    called = plain(model)
    for one in approved:
        name, version = plain(one["name"]), plain(one.get("version") or "")
        if not name:
            continue
        rest = called.removeprefix(name) if called.startswith(name) else None
        # What follows the name is a version or a date, not the name of a larger relative.
        if rest is not None and (not rest or rest == version or rest.isdecimal() or rest.removeprefix("v").isdecimal()):
            return True
        if version and called == version:
            return True
    return False


def not_approved(approved: Sequence[Mapping[str, str]], called: Iterable[tuple[str, str]]) -> list[str]:
    """The models that were called and that the manifest does not name, each once, by name. A call counts by the model
    that it asked for; where the provider says that another answered, that one must be approved too, unless its name is
    only a longer one of the same. Of a manifest that names no model nothing can be said."""
    if not approved:
        return []
    strange = set()
    for asked, answered in called:
        if asked and not is_approved(asked, approved):
            strange.add(asked)
        elif answered and not is_approved(answered, approved) and not _same(asked, answered):
            strange.add(answered)
    return sorted(strange)


def _same(asked: str, answered: str) -> bool:
    """Is the name that answered the one that was asked for, said in full or in short?"""
    first, second = plain(asked), plain(answered)
    return bool(first and second) and (first.startswith(second) or second.startswith(first))
