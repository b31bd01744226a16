"""The register in the forms that authorities ask for: the US federal inventory, the UK transparency standard."""
