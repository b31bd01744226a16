"""The roles every new organisation starts with. They are data: a person may change them, someone else confirming.

A permission reaches `all` things of the membership's unit (or of the organisation), or one's `own`.
"""

from __future__ import annotations

ALL, OWN = "all", "own"

# Every permission there is, with what it lets one do. An architecture test holds this against the actions.
PERMISSIONS: dict[str, str] = {
    "organisation.view": "See the organisation's home page, units and people's names",
    "organisation.change": "Change the organisation's name, time zone, currency and custom fields",
    "system.view": "See systems and their history",
    "system.create": "Add a system",
    "system.change": "Change a system",
    "system.bulk": "Change many systems at once",
    "system.export": "Export lists",
    "system.import": "Import inventories and keep mappings",
    "source.manage": "Set up scheduled sources",
    "record.write": "Write and seal records about a system",
    "feedback.give": "See the AI tools one may use, report a bad answer and ask for a tool",
    "rules.acknowledge": "Acknowledge the rules of use",
    "talent.view": "See people's skills and levels",
    "talent.manage": "Enter people's skills and levels",
    "evidence.add": "Add evidence",
    "framework.manage": "Adopt frameworks, change controls and their mapping, and settle who does them",
    "fact.request": "Ask owners for facts by link",
    "gate.request": "Ask that a system enter a stage",
    "gate.restrict": "Restrict, suspend or retire a system",
    "waiver.request": "Ask that a check be waived",
    "breakglass.open": "Permit a system for a few hours in an emergency",
    "decision.decide": "Decide what waits for one's role",
    "rulebook.view": "See rulebooks and what they ask",
    "rulebook.propose": "Propose a change of the rulebook",
    "people.view": "See people, roles and deputies",
    "people.manage": "Manage people, memberships, units and deputies",
    "role.change": "Propose a change of what a role may do",
    "token.issue": "Issue API tokens for oneself",
    "token.manage": "Issue and revoke service tokens",
    "webhook.manage": "Manage webhooks and notices",
    "gateway.manage": "Manage upstreams, models, prices and what each system may call",
    "key.issue": "Issue, rotate and revoke keys of the gateway",
    "budget.manage": "Cap what calls may cost",
    "traffic.view": "See calls, what they cost and what was refused",
    "text.read": "Read stored prompts and answers; each reading is written down",
    "answer.review": "Read held answers, and release, change or refuse them",
    "traffic.ingest": "Send usage that was seen elsewhere: telemetry and logs",
    "pack.seal": "Seal audit packs",
    "pack.fetch": "See audit packs and download them",
    "duty.view": "See incident clocks and what was sent; everywhere also requests of authorities",
    "duty.manage": "Run incident clocks, keep notices and answer requests of authorities",
    "ledger.view": "See the ledger and its checkpoints",
    "ledger.erase": "Erase the content of a ledger entry where the law requires it",
}

# What everybody holds who works here.
_EVERYBODY = {"organisation.view": ALL, "feedback.give": ALL, "rules.acknowledge": ALL}
_READ = _EVERYBODY | {"system.view": ALL, "rulebook.view": ALL}
_OFFICER = _READ | {
    "system.export": ALL,
    "people.view": ALL,
    "ledger.view": ALL,
    "decision.decide": ALL,
    "evidence.add": ALL,
    "token.issue": ALL,
    "breakglass.open": ALL,
    "traffic.view": ALL,
    "pack.fetch": ALL,
    "duty.view": ALL,
}
_OWNER = _EVERYBODY | {
    "system.view": OWN,
    "system.create": ALL,
    "system.change": OWN,
    "record.write": OWN,
    "evidence.add": OWN,
    "gate.request": OWN,
    "waiver.request": OWN,
    "rulebook.view": ALL,
    "decision.decide": ALL,
    "token.issue": ALL,
    "system.export": OWN,
    "key.issue": OWN,
    "traffic.view": OWN,
    "pack.seal": OWN,
    "pack.fetch": OWN,
    "duty.view": OWN,
    "duty.manage": OWN,
}
_GATEWAY = {"gateway.manage": ALL, "key.issue": ALL, "traffic.ingest": ALL}

ROLES: dict[str, tuple[str, dict[str, str]]] = {
    # Who says what is stored does not read it: that is for those who protect the people in it.
    "caio": ("Chief AI Officer", dict.fromkeys((p for p in PERMISSIONS if p != "text.read"), ALL)),
    "ciso": (
        "Chief information security officer",
        _OFFICER | _GATEWAY | {"record.write": ALL, "gate.restrict": ALL, "duty.manage": ALL},
    ),
    "cio": (
        "Chief information officer",
        _OFFICER | _GATEWAY | {"system.create": ALL, "system.change": ALL, "record.write": ALL},
    ),
    "cto": (
        "Chief technology officer",
        _OFFICER | _GATEWAY | {"system.create": ALL, "system.change": ALL, "record.write": ALL},
    ),
    "cfo": ("Chief financial officer", _OFFICER | {"record.write": ALL, "budget.manage": ALL}),
    "operations": ("Operations", _OFFICER | {"system.create": ALL, "system.change": ALL}),
    "hr": ("Human resources", _OFFICER | {"people.manage": ALL, "talent.view": ALL, "talent.manage": ALL}),
    "legal": (
        "Legal and data protection",
        _OFFICER
        | {"record.write": ALL, "ledger.erase": ALL, "framework.manage": ALL, "pack.seal": ALL, "text.read": ALL}
        | {"duty.manage": ALL},
    ),
    "risk": (
        "Risk and compliance",
        _OFFICER
        | {
            "record.write": ALL,
            "fact.request": ALL,
            "waiver.request": ALL,
            "gate.restrict": ALL,
            "framework.manage": ALL,
            "pack.seal": ALL,
            "answer.review": ALL,
            "duty.manage": ALL,
        },
    ),
    "owner": ("System owner", _OWNER),
    "engineer": ("Engineer", _OWNER | {"system.view": ALL}),
    "reviewer": ("Reviewer", _READ | {"decision.decide": ALL, "evidence.add": ALL, "answer.review": ALL}),
    "auditor": (
        "Auditor",
        _READ
        | {"people.view": ALL, "ledger.view": ALL, "system.export": ALL, "token.issue": ALL, "traffic.view": ALL}
        | {"pack.seal": ALL, "pack.fetch": ALL, "duty.view": ALL},
    ),
    "board": ("Board member", _READ | {"duty.view": ALL}),
    "employee": ("Employee", _EVERYBODY),
}
