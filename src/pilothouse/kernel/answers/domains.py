"""The domains' live answers: each domain's question, its figure with a trend, and the rows behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pilothouse.kernel.access.actor import Actor
from pilothouse.kernel.answers.kept import keep, kept, state_of
from pilothouse.kernel.answers.values import Answer
from pilothouse.kernel.checks.answering import Count3, answer_counts, answering
from pilothouse.kernel.checks.trends import answer_trends, share
from pilothouse.kernel.domain import Domain, Figure, ShareMet, TrendPoint


def domain_answers(actor: Actor, now: datetime) -> list[Answer]:
    """Every domain's answer in the order of the domains, over the systems that the actor may see.

    A domain that says `ShareMet(checks, stages, tiers)` is answered from findings, all such domains together in five
    queries. Of the systems at those stages and tiers (an unknown tier counts as the highest, as at the gates) it counts
    those that at least one of the checks concerns, that is, asks and does not find “not applicable”:

    * numerator: systems that meet all of the checks which concern them;
    * unknown: nothing known falls short (no finding is not met, in progress or waived), but at least one is unknown, or
      the system was never judged;
    * denominator: all of them, so what is unknown never helps.

    The value is numerator ÷ denominator of 100, and None where nothing is known: nobody counted, or all unknown. The
    trend has a point for each week of a year, read back from when findings held; its last point is now.

    A domain that brings a function is answered by it. One that brings neither says nothing yet: None of none.
    """
    return _answers(actor, now, answering())


def domain_answer(actor: Actor, now: datetime, domain: Domain) -> Answer:
    """One domain's answer, as `domain_answers` gives it."""
    return _answers(actor, now, [domain])[0]


def answers_at_hand(actor: Actor, now: datetime, domains: Sequence[Domain], *, wait: bool) -> list[Answer | None]:
    """The same answers, for a page that should not wait for functions that read much: an answer by a function is the
    kept one (see kept.py), and None where none is at hand. With `wait` it is made, and kept for the next."""
    state = state_of(actor, now)
    figures = {domain.id: figure for domain in domains if not _quick(domain) and (figure := kept(state, domain))}
    missing = [domain for domain in domains if _quick(domain) or (wait and domain.id not in figures)]
    for domain, answer in zip(missing, _answers(actor, now, missing), strict=True):
        figures[domain.id] = answer.figure
        if not _quick(domain):
            keep(state, domain, answer.figure)
    return [
        Answer(domain.id, domain.question, figures[domain.id]) if domain.id in figures else None for domain in domains
    ]


def _quick(domain: Domain) -> bool:
    return domain.answer is None or isinstance(domain.answer, ShareMet)


def _answers(actor: Actor, now: datetime, domains: Sequence[Domain]) -> list[Answer]:
    by_findings = any(isinstance(domain.answer, ShareMet) for domain in domains)
    counts = answer_counts(actor) if by_findings else {}
    trends = answer_trends(actor, now) if by_findings else {}
    found = []
    for domain in domains:
        answer = domain.answer
        if isinstance(answer, ShareMet):
            figure = _share_met(domain, counts[domain.id], trends.get(domain.id, []), answer)
        elif answer is None:
            figure = Figure(None, "%", 0, 0, 0, "")
        else:
            figure = answer(actor, now)
        found.append(Answer(domain.id, domain.question, figure))
    return found


def _share_met(domain: Domain, count: Count3, trend: Sequence[TrendPoint], answer: ShareMet) -> Figure:
    value = share(count.met, count.all, count.unknown)
    points = tuple(trend)
    if points:  # what was never judged is in no row, so the last point is told by the count itself
        points = (*points[:-1], TrendPoint(points[-1].day, value, count.met, count.all, count.unknown))
    figure = Figure(value, "%", count.met, count.all, count.unknown, f"systems/?answer={domain.id}:met", points)
    return replace(figure, because=_because(count, answer))


def _because(count: Count3, answer: ShareMet) -> str:
    where = " or ".join(answer.stages) + (f" of the {' or '.join(answer.tiers)} tier" if answer.tiers else "")
    if not count.all:
        return f"No system in {where} is asked about it."
    checks = f"all {len(answer.checks)} checks" if len(answer.checks) > 1 else "the check"
    words = f"{count.met:,} of {_systems(count.all)} in {where} meet{'s' if count.met == 1 else ''} {checks} behind it"
    return f"{words}; of {count.unknown:,} nobody can say." if count.unknown else f"{words}."


def _systems(count: int) -> str:
    return f"{count:,} system{'' if count == 1 else 's'}"
