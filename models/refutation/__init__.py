"""Refutation tests: what is altered, what a study would show if the theory were true, and the verdicts."""
