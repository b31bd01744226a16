"""What spans the domains."""
