"""The model said plainly: as equations, and as a script of plain PyMC."""
