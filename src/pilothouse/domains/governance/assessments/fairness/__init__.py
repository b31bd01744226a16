"""Measuring whether a system treats groups alike. Pure: counts and scores in, figures with their intervals out."""
