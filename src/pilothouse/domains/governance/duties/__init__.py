"""Incident clocks, notices, requests of authorities, and inventories in the forms that authorities ask for."""
