"""Writing imports: look at a file, apply it whole or discard it; keep mappings and words for stages."""

from pilothouse.kernel.imports.actions.applying import import_apply
from pilothouse.kernel.imports.actions.keeping import mapping_save, stage_word_set
from pilothouse.kernel.imports.actions.looking import (
    import_discard,
    import_preview,
    import_read,
    import_refresh,
    import_upload,
)
from pilothouse.kernel.imports.actions.sources import issue_seen, source_save, source_synced

__all__ = [
    "import_apply",
    "import_discard",
    "import_preview",
    "import_read",
    "import_refresh",
    "import_upload",
    "issue_seen",
    "mapping_save",
    "source_save",
    "source_synced",
    "stage_word_set",
]
