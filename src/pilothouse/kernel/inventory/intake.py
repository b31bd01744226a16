"""What an intake answer may be. Which questions are asked is the rulebook's to say (see checks)."""

ANSWERS: dict[str, str] = {"yes": "Yes", "no": "No", "unknown": "I do not know"}
