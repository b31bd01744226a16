"""What systems do with models, as an organisation sees it: usage, cost, refusals, findings, and how we know.

It reads the warehouse for those who may see a system's traffic, brings in what gateways and other tools tell, and says
from the events how each system is controlled.
"""
