"""What experience keeps: how work is redesigned, who takes it up, who oversees it, and what people say."""

from __future__ import annotations

from pilothouse.domains.experience.schemas.use import Adoption, Use
from pilothouse.domains.experience.schemas.voice import Acknowledgement, Feedback, Rules, ToolRequest
from pilothouse.domains.experience.schemas.work import Oversight, Workflow

__all__ = ["Acknowledgement", "Adoption", "Feedback", "Oversight", "Rules", "ToolRequest", "Use", "Workflow"]
