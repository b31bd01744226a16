"""Documents and registers as pages."""
