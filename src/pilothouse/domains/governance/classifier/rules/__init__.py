"""Pure: conditions, law, facts, the engine, the questionnaire. No database, no clock, no files."""
