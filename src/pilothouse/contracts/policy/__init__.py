"""What both planes agree on about calls: the signed policy, the one judgement, budgets, and the events that come back.

Start with `evaluate.py`. Everything here is frozen and pure: no clock, no I/O, no Django.
"""
