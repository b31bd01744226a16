"""The ten domains' pages: each answers its question first, then shows where it hurts and what to do next."""
