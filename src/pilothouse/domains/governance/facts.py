"""What governance's checks read together."""

from __future__ import annotations

from pilothouse.kernel.records.selectors import entries, latest_sealed, organisation_entries

CLASSIFICATION = "governance.risk_classification"
OBLIGATION = "governance.obligation"
CONTROL = "governance.control"
ORGANISATION_CONTROL = "governance.organisation_control"
ATTESTATION = "governance.attestation"
POLICY = "governance.policy"

classification = latest_sealed(CLASSIFICATION)
obligations = entries(OBLIGATION)
controls = entries(CONTROL)
attestation = latest_sealed(ATTESTATION)
policy = organisation_entries(POLICY)
