"""Writing who is here: organisations, units, people, roles held, deputies and tokens. The rows are access's.

A room of its own because it stands on what access cannot see: the ledger, the inventory (a leaver's systems) and
decisions (a powerful role takes two).
"""
