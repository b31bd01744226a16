"""Fields that an organisation adds, and views of the list that people keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import slugify

from pilothouse.contracts.errors import Conflict, Forbidden, Invalid
from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.actions import action
from pilothouse.kernel.inventory.models import CustomField, SavedView
from pilothouse.kernel.inventory.query import SystemQuery
from pilothouse.kernel.ledger.log import lock_log, record


@action("organisation.change")
def custom_field_add(
    *,
    actor: Actor,
    title: str,
    kind: str = "text",
    choices: Sequence[str] = (),
    help: str = "",  # noqa: A002
    key: str = "",
) -> CustomField:
    """Add a field to every system of the organisation. Its key is made of its title unless one is given."""
    title = " ".join(title.split())
    key = slugify(key or title).replace("-", "_")[:40]
    wrong = {} if title else {"title": "Say what the field is called."}
    if title and not key:
        wrong["title"] = "The title needs at least one letter from a to z, for its key."
    if kind not in dict(CustomField.KINDS):
        wrong["kind"] = "Choose one of the list."
    chosen = _choices(choices)
    if kind == "choice" and len(chosen) < 2:
        wrong["choices"] = "Give at least two choices, one on a line."
    if wrong:
        raise Invalid("This field is not complete.", fields=wrong)
    lock_log(actor.organisation_id)
    if CustomField.objects.of(actor).filter(key=key).exists():
        raise Conflict(f"There is already a field with the key “{key}”.", data={"field": "title"})
    field = CustomField.objects.create(
        organisation_id=actor.organisation_id,
        key=key,
        title=title[:120],
        kind=kind,
        choices=chosen if kind == "choice" else [],
        help=help.strip()[:300],
    )
    record(actor, "custom_field.added", field, after={"key": key, "title": title, "kind": kind, "choices": chosen})
    return field


@action("organisation.change")
def custom_field_change(*, actor: Actor, custom_field: CustomField, changes: Mapping[str, Any]) -> CustomField:
    """Change a field's title, help, choices or whether it is asked. Its key and kind stay: values rest on them."""
    unknown = sorted(set(changes) - {"title", "help", "choices", "active"})
    if unknown:
        raise Invalid(f"“{unknown[0]}” of a field cannot be changed.", fields={unknown[0]: "It cannot be changed."})
    lock_log(actor.organisation_id)
    current = CustomField.objects.select_for_update().get_of(actor, pk=custom_field.pk)
    after = dict(changes)
    if "choices" in after:
        after["choices"] = _choices(after["choices"])
        if current.kind == "choice" and len(after["choices"]) < 2:
            raise Invalid("Give at least two choices.", fields={"choices": "Give at least two choices, one on a line."})
    if "title" in after:
        after["title"] = " ".join(str(after["title"]).split())[:120]
        if not after["title"]:
            raise Invalid("The field needs a title.", fields={"title": "Say what the field is called."})
    after = {key: value for key, value in after.items() if value != getattr(current, key)}
    if after:
        before = {key: getattr(current, key) for key in after}
        for key, value in after.items():
            setattr(current, key, value)
        current.save()
        record(actor, "custom_field.changed", current, before=before, after=after)
    return current


@action("system.view")
def saved_view_save(*, actor: Actor, name: str, query: SystemQuery, shared: bool = False) -> SavedView:
    """Keep a list's filters, columns and order under a name; the same name again replaces it.

    A shared view is for everyone in the organisation and needs the right to change it.
    """
    name = " ".join(name.split())[:120]
    if not name:
        raise Invalid("Give the view a name.", fields={"name": "Say what you will look for it by."})
    if shared:
        actor.require("organisation.change")
    elif actor.person_id is None:
        raise Invalid("Only a person keeps views of their own; make it a shared one.", fields={"shared": "Share it."})
    text = query.without_page().urlencode()
    if len(text) > 2000:
        raise Invalid("These filters are too many to keep under one name.", fields={"name": "Choose fewer filters."})
    lock_log(actor.organisation_id)
    whose: Any = None if shared else actor.person_id
    view, created = SavedView.objects.update_or_create(
        organisation_id=actor.organisation_id,
        person_id=whose,
        name=name,
        defaults={"query": text},
    )
    said = {"name": name, "query": text, "shared": shared}
    record(actor, "saved_view.added" if created else "saved_view.changed", view, after=said)
    return view


@action("system.view")
def saved_view_delete(*, actor: Actor, saved_view: SavedView) -> None:
    """Forget a view: one's own, or a shared one with the right to change the organisation."""
    lock_log(actor.organisation_id)
    current = SavedView.objects.get_of(actor, pk=saved_view.pk)
    if current.person_id is None:
        actor.require("organisation.change")
    elif current.person_id != actor.person_id:
        raise Forbidden("Only the person who saved a view can delete it.")
    record(actor, "saved_view.deleted", current, before={"name": current.name, "query": current.query})
    current.delete()


def _choices(choices: Sequence[str] | str) -> list[str]:
    lines = choices.splitlines() if isinstance(choices, str) else choices
    return list(dict.fromkeys(" ".join(str(line).split())[:200] for line in lines if str(line).strip()))
