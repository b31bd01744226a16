"""The pages of fact requests: for who asks, and for who answers."""
