"""Audit packs: everything about one system as of a moment, judged for gaps, sealed in one file that proves itself."""
