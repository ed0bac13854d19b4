"""One question per file, the report, the figures and the command line."""
