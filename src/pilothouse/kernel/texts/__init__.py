"""Texts that gateways keep: where they lie, who may read them, how long they stay.

They are files, sealed with the organisation's key (contracts/policy/texts.py). No text is in the database, the ledger,
the warehouse or a log: those hold ids, times and hashes.
"""
