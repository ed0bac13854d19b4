"""Effects by intervention, for a new case or a named one, on the standardised and on the rating scale."""
