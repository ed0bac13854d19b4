# Every target sets up .venv by itself, once: the stamp is older than its sources only when they have changed.
STAMP := .venv/.set-up
BIN := .venv/bin

.PHONY: run test test-slow lint check docs analyses lock set-up clean
.DEFAULT_GOAL := run

run: $(STAMP)
	@$(BIN)/casewise run data/ba_clusters --out results/ba_clusters
	@echo "The report is results/ba_clusters/report.html"

test: $(STAMP)
	@$(BIN)/python -m pytest -m "not slow"

# SLOW="tests/models/measurement/test_gaps.py ..." runs the slow tests of these files only.
test-slow: $(STAMP)
	@$(BIN)/python -m pytest -m slow $(SLOW)

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test

# The site; a warning, such as a link that leads nowhere, is an error.
docs: $(STAMP)
	@$(BIN)/sphinx-build -q -W --keep-going -b html docs build/docs
	@echo "The site is build/docs/index.html"

# Each question is a script of its own; those that only serve the others have no `if __name__`; the command is cli.
analyses: $(STAMP)
	@for script in $$(grep -l '^if __name__' analyses/*.py | grep -v cli.py); do \
	    module=$$(basename "$$script" .py); \
	    echo "analyses.$$module"; $(BIN)/python -m "analyses.$$module" || exit 1; \
	done

# Resolved for every platform and every Python from 3.12; UPGRADE=--upgrade takes the newest of everything.
lock: $(STAMP)
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header \
	    --extra dev --extra dask $(UPGRADE) pyproject.toml --output-file requirements.lock

set-up: $(STAMP)

$(STAMP): requirements.lock pyproject.toml .ci/set-up
	@sh .ci/set-up
	@touch $@

clean:
	rm -rf .venv results build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
