"""How the domains depend on each other, and where by the data a weak one pulls another down."""
