"""The ten domains through Meridian's year: what owners write on their visits, and what every month brings."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from pilothouse.demo import papers
from pilothouse.demo.catalogue import Line
from pilothouse.demo.facts import Care
from pilothouse.demo.papers import architecture, economics, experience, mlops, platform, talent
from pilothouse.demo.papers.case import Case, Firm, model_of
from pilothouse.demo.telling import Teller
from pilothouse.demo.writing import case_of, have_signed, write, writer
from pilothouse.kernel.records.actions import records_seal

CFO = "Louise Perrin"
MONTHS = range(310, 0, -30)
"""Days before today on which a month is closed."""
COUNTED = 160
"""Since how many days use is counted."""
NEVER_YET = 0.62
"""How likely a careful owner is to have written one of the papers that production asks for. Most systems were there
before anybody asked."""


@dataclass
class Filling:
    """What the chapters share: who tells, which systems, who looks after them how, and the firm's people."""

    tell: Teller
    lines: Mapping[str, Line]
    care: Mapping[str, Care]
    caio: str
    lead: str
    engineer: str
    security: str
    scripted: frozenset[str]
    counted: dict[str, tuple[int, float, float]] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random("ten domains"))  # noqa: S311

    def firm(self) -> Firm:
        """The firm on the day that is told."""
        people = self.tell.people
        staff = [person.email for person in people.values() if person.title == "Product owner"][:9]
        return Firm(
            told=self.tell.told.date(),
            caio=people[self.caio].email,
            engineer=people[self.engineer].email,
            lead=people[self.lead].email,
            security=people[self.security].email,
            units=sorted(self.tell.units),
            suppliers=sorted({line.vendor for line in self.lines.values() if line.vendor}),
            models=sorted({(model_of(line)[0], line.vendor) for line in self.lines.values()}),
            staff=[people[self.engineer].email, people[self.lead].email, people[self.security].email, *staff],
        )

    def case(self, name: str, pick: random.Random | None = None) -> Case:
        own = pick or random.Random(name)  # noqa: S311  # a story's chance, not a secret
        return case_of(self.tell, self.lines[name], self.firm(), self.caio, own)

    def running(self) -> list[str]:
        return [name for name, line in self.lines.items() if line.stage in ("pilot", "production")]


def fill(story: Filling) -> None:
    """Plan everything that the ten domains keep."""
    tell = story.tell
    tell.on(312, lambda: write(tell, story.caio, papers.of_firm(story.firm())))
    tell.on(150, lambda: write(tell, story.caio, talent.demand(story.firm())))
    tell.on(45, lambda: write(tell, story.caio, talent.reuse(story.firm())))
    for day, share in ((250, 0.21), (160, 0.48), (90, 0.86), (8, 0.93)):
        tell.on(day, partial(_learn, story, share))
    for name in story.lines:
        if name not in story.scripted:
            _visits(story, name)
    _trouble(story)
    for day in MONTHS:
        tell.on(day, partial(_close_month, story))
        if day < COUNTED:
            tell.on(day - 1, partial(_count_use, story, day))


def _learn(story: Filling, share: float) -> None:
    write(story.tell, story.caio, talent.completions(story.firm(), share))


def _visits(story: Filling, name: str) -> None:
    """Its owner writes on two visits: what a pilot asks, later what production asks. Some of it, as care goes."""
    line, care, chance = story.lines[name], story.care[name], story.chance
    first = chance.randint(150, 290)
    tell = story.tell
    if chance.random() < care.answered:
        kept = [chance.random() < care.answered for _ in range(40)]
        tell.on(first, partial(_write_some, story, name, "before_pilot", kept))
    if line.stage in ("pilot", "production") and chance.random() < care.answered:
        second = chance.randint(25, first - 20)
        kept = [chance.random() < care.good * NEVER_YET + 0.1 for _ in range(40)]
        tell.on(second, partial(_write_some, story, name, "before_production", kept))
        if chance.random() < care.good:
            tell.on(second - 4, partial(_ask_ciso, story, name))
        if care.good > 0.5:
            story.counted[name] = (second, chance.random() * 0.15, chance.choice((0.006, 0.03, 0.05, 0.08)))


def _write_some(story: Filling, name: str, what: str, kept: list[bool]) -> None:
    case = story.case(name)
    written = getattr(papers, what)(case)
    some = [paper for paper, keep in zip(written, kept, strict=False) if keep]
    write(story.tell, case.owner_name, some, name)


def _ask_ciso(story: Filling, name: str) -> None:
    have_signed(story.tell, writer(story.tell, story.tell.system(name), story.caio), name, "security.review")


def _count_use(story: Filling, day: int) -> None:
    """The log-in counts of the month, as operations sends them for every system that is counted by then."""
    bodies = []
    for name, (since, more, overridden) in story.counted.items():
        if day < since:
            share = min(0.9, 0.35 + (since - day) / 300 + more)
            bodies.append((story.tell.system(name), experience.use(story.case(name), share, overridden)[1]))
    records_seal(actor=story.tell.actor(story.caio), kind="experience.use", bodies=bodies)


def _trouble(story: Filling) -> None:
    """Blockers, incidents, reports of bad answers: the year as it was."""
    tell, chance = story.tell, story.chance
    before = ("idea", "development", "pilot")
    waiting = sorted({name for name, line in story.lines.items() if line.stage in before} - story.scripted)
    for at, name in enumerate(chance.sample(waiting, min(16, len(waiting)))):
        tell.on(
            chance.randint(5, 140), partial(_block, story, name, at, chance.randint(3, 120), at % 4 == 3, at % 5 != 2)
        )
    running = sorted(set(story.running()) - story.scripted)
    for at, name in enumerate(chance.sample(running, min(14, len(running)))):
        # Faults were noticed after days at first, and after hours since monitors are live.
        day = 300 - at * 21
        noticed = max(1.5, (200 - at * 16) * chance.uniform(0.6, 1.3))
        tell.on(day, partial(_go_wrong, story, name, at, noticed, at in (12, 13), at % 6 != 4))
    for name in running:
        if "agent" in story.lines[name].technique and story.care[name].answered > 0.5:
            tell.on(chance.randint(20, 140), partial(_limit_agent, story, name, story.care[name].good > 0.6))
    for at, name in enumerate(chance.sample(running, min(9, len(running)))):
        tell.on(90 - at * 9, partial(_report, story, name, at % 3 != 2))


def _block(story: Filling, name: str, at: int, days: int, cleared: bool, owned: bool) -> None:
    case = story.case(name)
    write(story.tell, case.owner_name, [platform.blocker(case, at, days, cleared, owned)], name)


def _limit_agent(story: Filling, name: str, approved: bool) -> None:
    case = story.case(name)
    write(story.tell, case.owner_name, [architecture.agent(case, approved)], name)


def _go_wrong(story: Filling, name: str, at: int, noticed: float, open_still: bool, known: bool) -> None:
    case = story.case(name)
    write(story.tell, case.owner_name, [mlops.incident(case, at, noticed, open_still, known)], name)


def _report(story: Filling, name: str, replied: bool) -> None:
    case = story.case(name)
    write(story.tell, case.owner_name, [experience.feedback(case, story.firm().lead, replied)], name)


def _close_month(story: Filling) -> None:
    """Invoices come in, and every third month owners say what a system brought; finance signs what was measured."""
    tell = story.tell
    firm = story.firm()
    write(tell, CFO, list(_invoices(story, firm)))
    if round((tell.today - tell.told).days / 30) % 3:
        return
    for name in _earning(story):
        case = story.case(name)
        rate = random.Random(f"{name} value").uniform(0.3, 4.2)  # noqa: S311
        told_only = rate < 0.9
        amount = max(400, round(economics.year_cost(case) / 4 * rate))
        paper = economics.value(case, amount, "self_report" if told_only else "before_after")
        write(tell, case.owner_name, [paper], name)
        if not told_only:
            have_signed(tell, case.owner_name, name, "economics.realised_value")


def _invoices(story: Filling, firm: Firm) -> Iterable[tuple[str, dict[str, object]]]:
    charged: dict[str, list[tuple[int, str, int]]] = {}
    for name in story.running():
        supplier = story.lines[name].vendor or "Platform team"
        case = replace(story.case(name), firm=firm)
        monthly = round(economics.year_cost(case) / 12 * (0.75 + case.pick.random() / 2))
        charged.setdefault(supplier, []).append((case.number, name, monthly))
    for supplier, lines in sorted(charged.items()):
        yield economics.invoice(firm, supplier, lines, 150 if supplier != "Platform team" else 0)


def _earning(story: Filling) -> list[str]:
    """Systems whose value somebody measures."""
    return [name for name in story.running() if story.care[name].good > 0.6 and story.lines[name].stage != "pilot"][:10]
