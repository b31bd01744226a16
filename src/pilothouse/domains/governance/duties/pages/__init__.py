"""Pages of incident clocks, requests of authorities, and inventories in their forms."""
