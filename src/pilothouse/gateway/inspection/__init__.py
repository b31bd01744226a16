"""Inspection of prompts and answers. See `inspector.py`; `streams.py` for what streams through; `deep/` for names.

inspector = Inspector(system.inspection, corpora)
seen = inspector.prompt(body)            # seen.blocked, seen.counts, seen.body, seen.changed, seen.restorer
stream = StreamRestorer(seen.restorer)   # stream.feed(event) -> events, for each decoded SSE event
restored(answer, seen.restorer)          # a whole answer
inspector.answer(answer, prompt=body)    # blocked, counts, body
"""

from pilothouse.gateway.inspection.inspector import NOTHING_READ, Inspected, Inspector, Read
from pilothouse.gateway.inspection.masking import Restorer
from pilothouse.gateway.inspection.streams import StreamRestorer, restored
from pilothouse.gateway.inspection.texts import texts

__all__ = ["NOTHING_READ", "Inspected", "Inspector", "Read", "Restorer", "StreamRestorer", "restored", "texts"]
