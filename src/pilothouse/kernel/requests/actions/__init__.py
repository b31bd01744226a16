"""Writing requests: for who asks (asking) and for who answers (answering)."""

from pilothouse.kernel.requests.actions.answering import answers_give, draft_save, link_actor, link_opened
from pilothouse.kernel.requests.actions.asking import link_hand_over, request_remind, request_revoke, request_send

__all__ = [
    "answers_give",
    "draft_save",
    "link_actor",
    "link_hand_over",
    "link_opened",
    "request_remind",
    "request_revoke",
    "request_send",
]
