"""Writing what the policy is made of: one module a subject."""
