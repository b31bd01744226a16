"""The bill of materials of a system: which models, data, agents and tools it is made of (CycloneDX 1.7, ML-BOM)."""
