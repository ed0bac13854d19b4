"""Observations and how we know them: codebooks, coded cases, sources, agreement between coders."""
