"""A classification as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pilothouse.domains.governance.classifier.values import AxisFound, Change, Classification, DutyFound, Found

MOST = 6


def as_text(found: Classification) -> str:
    """The answer first, then reasons, duties, what is open, what would change it."""
    parts = [
        "\n".join(_axis_line(axis) for axis in found.axes),
        _section("Because", [line for one in _deciding(found, "holds") for line in _reasons(one)]),
        _section("Open, and counted as if it held", [_open(one) for one in _deciding(found, "open")]),
        _section("To be known", [note.says for note in found.notes]),
        _section("Duties", [_duty(duty) for duty in found.duties]),
        _section("What would settle it", list(_changes(found, "would_settle"))),
        _section("What would change it", list(_changes(found, "would_change"))),
        _section("Rules", [f"{one.title} {one.version}, as of {one.as_of}, {one.hash}" for one in found.rule_sets]),
        found.disclaimer,
    ]
    return "\n\n".join(part for part in parts if part)


def _axis_line(axis: AxisFound) -> str:
    title = axis.class_title or "none"
    return f"{axis.title}: {title}{' (provisional)' if axis.provisional else ''}"


def _reasons(one: Found) -> Iterator[str]:
    since = f", applies from {one.applies_from}" if one.applies_from else ""
    cited = "; ".join(cited.cite for cited in one.citations)
    yield f"{one.title}. {one.says} [{cited}{since}; {one.confidence}]"
    yield from (f"  {reason.short}: {reason.answer}" for reason in one.because)


def _deciding(found: Classification, state: str) -> Iterable[Found]:
    """The conclusions on which the classes rest."""
    deciding = {name for axis in found.axes for name in axis.conclusions}
    return [one for one in found.conclusions if one.state == state and one.id in deciding]


def _open(one: Found) -> str:
    return f"{one.title} ({one.axis}: {one.class_}); unknown: {', '.join(one.open)}"


def _duty(duty: DutyFound) -> str:
    begins = str(duty.begins) if duty.begins else "on an event"
    roles = ", ".join(role.title for role in duty.roles)
    may = "" if duty.state == "holds" else " (if it applies)"
    cited = "; ".join(cited.cite for cited in duty.citations)
    return f"{begins:<11}  {roles}: {duty.says}{may} [{cited}]"


def _changes(found: Classification, which: str) -> Iterator[str]:
    for axis in found.axes:
        told: tuple[Change, ...] = getattr(axis, which)
        for one in told[:MOST]:
            answers = " / ".join(one.answers[:3]) + (" / …" if len(one.answers) > 3 else "")
            yield f"{axis.title}: “{one.short}” = {answers} → {one.title}{' (provisional)' if one.provisional else ''}"


def _section(title: str, lines: list[str]) -> str:
    return f"{title}\n" + "\n".join(f"  {line}" for line in lines) if lines else ""
