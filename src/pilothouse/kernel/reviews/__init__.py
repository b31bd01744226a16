"""Answers that wait for a reviewer: taken in from gateways, decided by people, told to gateways and the warehouse.

The text itself is a sealed file (`kernel/texts`); here are ids, times, hashes and the decision.
"""
