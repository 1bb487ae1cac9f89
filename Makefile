# Backrooms: everything a newcomer needs. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
BASE := requirements/build.txt requirements/base.txt
TEST := requirements/dev.txt requirements/local.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format models bench pins clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/base.stamp  ## Play a first conversation, without keys
	@$(BIN)/backrooms run scenarios/demo.yaml

test: $(VENV)/test.stamp  ## Run the tests (ARGS="-k wire" for some of them)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup $(ARGS)

check: $(VENV)/test.stamp  ## Lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/test.stamp  ## Format the code and mend what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

models: $(VENV)/test.stamp  ## Fetch two small models into the user cache (570 MB, once)
	@$(BIN)/backrooms models fetch smollm2
	@$(BIN)/backrooms models fetch qwen

bench: $(VENV)/test.stamp  ## Measure what a turn costs, process by process (two minutes)
	@$(BIN)/python tests/bench/turn.py $(ARGS)

pins: $(VENV)/base.stamp  ## Resolve requirements/ anew, with hashes
	@requirements/pin $(BIN)

clean:  ## Remove .venv and caches (never transcripts)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find agents sandbox tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Two stamps, so that a demo does not wait for the test tools and neither asks the network twice.

$(VENV)/base.stamp: $(BASE) pyproject.toml | $(BIN)/python
	@echo "Installing Backrooms and its pinned packages into $(VENV) (once, under a minute) ..."
	@$(PIP) install --require-hashes $(BASE:%=-r %)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: $(TEST) $(VENV)/base.stamp
	@echo "Installing the pinned test tools and the local model runtime into $(VENV) (once) ..."
	@$(PIP) install --require-hashes $(TEST:%=-r %)
	@touch $@

$(BIN)/python:
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "Backrooms needs Python 3.11 or newer, and '$(PYTHON)' was not found: install it, or name it with 'make PYTHON=/path/to/python ...'."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Backrooms needs Python 3.11 or newer, and '$(PYTHON)' is $$("$(PYTHON)" -V 2>&1): name a newer one with 'make PYTHON=python3.12 ...'."; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "'$(PYTHON)' cannot make virtual environments: install its venv module (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	@"$(PYTHON)" -m venv $(VENV)
