"""The first screen of an organisation, and the organisations side by side."""
