"""PyMC models compiled from a theory and a codebook, and everything computed from their draws."""
