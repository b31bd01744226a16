"""Writing what gates know: one module a subject."""
