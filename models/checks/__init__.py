"""Whether to believe a fit: convergence, prior gate, criticism, pooling, power-scaling."""
