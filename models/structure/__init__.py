"""From a theory and the units of a study to nodes, arcs and slopes."""
