"""Reports made for reading: PDF, set by typst with the house's own typefaces."""
