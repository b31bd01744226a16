"""Facts in, reasons out: which class a system is in under each law, why, since when, and what it asks of whom."""
