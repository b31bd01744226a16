"""What security's checks read together."""

from __future__ import annotations

from pilothouse.kernel.decisions.signed import signed_off
from pilothouse.kernel.inventory.loading import components_used
from pilothouse.kernel.records.selectors import latest_sealed

THREATS = "security.threat_model"
REVIEW = "security.review"
PERSONAL = "security.personal_data_rules"

threat_model = latest_sealed(THREATS)
review = latest_sealed(REVIEW)
personal_data = latest_sealed(PERSONAL)
review_signed = signed_off(REVIEW)
threats_signed = signed_off(THREATS)
components = components_used("model", "agent", "tool")

REVIEW_LOADERS = (review, review_signed, threat_model, components)
"""What is read to judge a review: the text, its sign-off, the threat model it rests on, what the system uses."""
