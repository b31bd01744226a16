"""The two ways in which providers are spoken to, and the four endpoints that they have."""

from __future__ import annotations

from pilothouse.gateway.dialects import anthropic, openai
from pilothouse.gateway.dialects.base import Dialect

# By the path that callers ask for.
DIALECTS: dict[str, Dialect] = {
    dialect.path: dialect for dialect in (openai.Chat(), openai.Responses(), openai.Embeddings(), anthropic.Messages())
}
