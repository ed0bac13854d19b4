"""The log density of a model as machine code: formulas, callbacks, and the store that outlives a process."""
