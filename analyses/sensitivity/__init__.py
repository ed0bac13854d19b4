"""What the conclusion depends on: one module per worry, each a list of variants to refit and the tables that come of them."""
