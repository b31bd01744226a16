"""The pages of the policy: one module a subject."""
