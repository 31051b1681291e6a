# `make help` lists what there is. All of it needs Python 3.11 or newer and make; the rest is installed into .venv.

# The first Python on this machine that is new enough; `make PYTHON=/path/to/python3.12 …` says another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$name && break; done)
BIN := .venv/bin
SETUP := .venv/.ready
BARE := .venv-bare/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint format bench clean python

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

setup: $(SETUP) ## install everything into .venv (the others do it themselves)

demo: $(SETUP) ## the main job, from an image to a published post, on the stand-in
	@$(BIN)/python -m tests.demo

test: $(SETUP) $(BARE) ## all tests
	@$(BIN)/python -m pytest

check: $(SETUP) ## what is wrong in the manifests
	@$(BIN)/connector check

lint: $(SETUP) ## ruff and mypy
	@$(BIN)/ruff check runtime tests
	@$(BIN)/ruff format --check runtime tests
	@$(BIN)/mypy

format: $(SETUP) ## let ruff format the Python files
	@$(BIN)/ruff format runtime tests
	@$(BIN)/ruff check --fix runtime tests

bench: $(SETUP) ## the speed, each figure beside a hand-written equivalent
	@$(BIN)/python -m tests.bench

clean: ## remove what was installed and built
	@rm -rf .venv .venv-bare .mypy_cache .ruff_cache .hypothesis build dist

python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "This needs Python 3.11 or newer; $(or $(PYTHON),python3) here is not. Say where one is: make PYTHON=python3.12"; exit 1; }

# The connector itself is run from its folder; only the runtime is installed here, so that edits count at once.
$(SETUP): pyproject.toml runtime/pyproject.toml constraints.txt | python
	@echo "Setting up .venv (once) …"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e 'runtime[fast,dev]'
	@touch $@

# What a bare install gives: both distributions and the four packages they need, nothing else. A test uses it.
$(BARE): .venv-bare/.packages $(shell find connector.yaml operations schemas runtime/connector_runtime -name '*.yaml' -o -name '*.json' -o -name '*.py')
	@.venv-bare/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall ./runtime .
	@touch $@

.venv-bare/.packages: pyproject.toml runtime/pyproject.toml constraints.txt | python
	@echo "Setting up .venv-bare (once) …"
	@$(PYTHON) -m venv --clear .venv-bare
	@.venv-bare/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt ./runtime .
	@touch $@
