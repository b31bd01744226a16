"""The only writers of this room."""

from pilothouse.domains.governance.duties.actions.cases import case_change, case_close, case_open, case_reopen
from pilothouse.domains.governance.duties.actions.inquiries import (
    gaps_review,
    inquiry_close,
    inquiry_open,
    letter_keep,
    pack_attach,
)
from pilothouse.domains.governance.duties.actions.law import own_edition_begin
from pilothouse.domains.governance.duties.actions.notices import notice_draft, notice_sent, sent_void

__all__ = [
    "case_change",
    "case_close",
    "case_open",
    "case_reopen",
    "gaps_review",
    "inquiry_close",
    "inquiry_open",
    "letter_keep",
    "notice_draft",
    "notice_sent",
    "own_edition_begin",
    "pack_attach",
    "sent_void",
]
