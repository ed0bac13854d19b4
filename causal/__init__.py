"""Theory and causal logic: what a DAG claims, what identifies an effect, how a hypothesis is judged."""
