"""What every domain stands on. The kernel knows no domain's name."""
