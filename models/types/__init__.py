"""Causal types: process tracing over response types. Three verbs: `make.make`, `posterior.update`, `answers.query`."""
