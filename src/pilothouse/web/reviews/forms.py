"""The form of a review. What is right is the action's to say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from pilothouse.contracts.policy.texts import Piece
from pilothouse.kernel.reviews.kind import EDIT, REFUSE, RELEASE

SAY_WHY = {"required": "Say why."}
OPTIONS = (RELEASE, EDIT, REFUSE)
KEYS = {"release": "r", "edit": "e", "refuse": "f"}


class DecideForm(forms.Form):
    """A verdict with its reason, and a box for each text of the answer."""

    verdict = forms.ChoiceField(
        label="Your verdict",
        choices=[(option.id, option.title) for option in OPTIONS],
        error_messages={"required": "Choose a verdict."},
    )
    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages=SAY_WHY,
        help_text="Whoever is refused is told it. It stands beside your name for good; leave out what is private.",
    )
    content_hash = forms.CharField(widget=forms.HiddenInput)
    idempotency = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, pieces: Sequence[Piece], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = [piece.text for piece in pieces]
        for number, piece in enumerate(pieces):
            rows = min(20, max(3, piece.text.count("\n") + len(piece.text) // 70 + 1))
            self.fields[f"text_{number}"] = forms.CharField(
                label=piece.where, required=False, strip=False, initial=piece.text,
                widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
            )  # fmt: skip

    def boxes(self) -> list[Any]:
        """The boxes of the answer's texts."""
        return [self[f"text_{number}"] for number in range(len(self.texts))]

    def clean(self) -> dict[str, Any]:
        """What was changed is never dropped in silence."""
        said = super().clean() or self.cleaned_data
        now = [_same_lines(said.get(f"text_{number}", text)) for number, text in enumerate(self.texts)]
        if said.get("verdict") == "release" and now != [_same_lines(text) for text in self.texts]:
            self.add_error("verdict", "You changed the answer: release it changed, or put the text back.")
        return said

    def decision(self) -> dict[str, Any]:
        """What `review_decide` takes."""
        said = self.cleaned_data
        texts = [said[f"text_{number}"] for number in range(len(self.texts))] if said["verdict"] == "edit" else None
        return {name: said[name] for name in ("verdict", "reason", "content_hash", "idempotency")} | {"texts": texts}


def _same_lines(text: Any) -> str:
    """A browser sends the end of a line as two characters."""
    return str(text).replace("\r\n", "\n")


class ReadForm(forms.Form):
    reason = forms.CharField(label="What for", max_length=1000, error_messages=SAY_WHY)
