"""The pages of traffic."""
