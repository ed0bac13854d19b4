"""Measurements: scripts that print what docs/ quotes."""
