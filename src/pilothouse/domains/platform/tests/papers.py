"""A whole, good body of each document of this domain, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

TODAY = f"{datetime.now(UTC):%Y-%m-%d}"

PAPERS: dict[str, dict[str, Any]] = {
    "platform.data_source": {
        "name": "Applicant register",
        "kind": "operational",
        "holds": "Applications and CVs of all branches, from 2019 on.",
        "interface": "api",
        "legacy": False,
        "owner": "alice@harbour.example",
        "right": "consent",
        "right_note": "Applicants agree to it in the form, for finding work; not for training models.",
        "right_until": None,
        "personal": "personal",
    },
    "platform.data_readiness": {
        "sources": ["Applicant register"],
        "access": "3",
        "access_evidence": "The register's API was used for a month without help.",
        "quality": "3",
        "quality_evidence": "Of 200 applications looked at, 4 had no readable CV.",
        "freshness": "4",
        "freshness_evidence": "Applications arrive within a minute; an alert tells when they do not.",
        "lineage": "3",
        "lineage_evidence": "The data protection officer noted it in the register of processing.",
        "integration": "3",
        "integration_evidence": "The whole path ran for two weeks in the environment of production.",
        "assessed_by": "Data engineer and head of recruitment",
        "review_by": "2027-06-30",
    },
    "platform.pipeline": {
        "name": "Nightly load of applications",
        "sources": ["Applicant register"],
        "schedule": "daily",
        "metric": "Applications loaded without fault",
        "unit": "% of applications",
        "better": "higher",
        "development": {"value": "99.5", "runs": 30, "measured_on": "2026-08-31"},
        "production": {"value": "98.9", "runs": 30, "measured_on": TODAY},
        "tolerance": "2",
        "owner": "Data engineer on duty",
    },
    "platform.blocker": {
        "title": "No way into the planning system",
        "kind": "legacy",
        "detail": "Shifts are only on a screen of 1998; an export was asked for and refused.",
        "since": "2026-10-01",
        "owner": "alice@harbour.example",
    },
}
