"""Asking owners for facts by a link that needs no sign-in. It collects answers, never signatures."""
