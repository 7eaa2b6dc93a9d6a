# Everything one does with this checkout. `make help` lists it; `make demo` and `make test` need nothing else first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
WORKSPACE ?= demo
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --require-hashes
# Hundreds of processes begin in a run of the tests: where nothing compiled is kept, each compiles the project anew.
unexport PYTHONDONTWRITEBYTECODE
BUILD_INPUTS := pyproject.toml $(wildcard xiaobao/pages/jupyter/kernels/*/kernel.json xiaobao/pages/build.py xiaobao/pages/jupyter/lab/overrides.json xiaobao/pages/jupyter/lab/extension/*.json xiaobao/pages/jupyter/lab/extension/static/*.js xiaobao/pages/frontend/*.* xiaobao/pages/frontend/src/*)

.PHONY: help demo test collected soak pagepeers serve lab notebooks templates reference screenshots bundle lock lint format clean machine

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the environment: each step leaves a stamp, so that nothing is done twice --------------------------------------
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "需要 Python 3.11 或更高版本；可用 make PYTHON=python3.12 指定" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.libraries: requirements.lock requirements-build.lock | $(BIN)/python
	$(INSTALL) -r requirements.lock
	$(INSTALL) -r requirements-build.lock
	@touch $@

.venv/.project: .venv/.libraries $(BUILD_INPUTS)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(PIP) install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

.venv/.development: requirements-dev.lock .venv/.project
	$(INSTALL) -r requirements-dev.lock
	@touch $@

# The oldest ipykernel in our range, beside the locked one: tests put it first on the path.
.venv/.oldest: requirements-oldest.lock | $(BIN)/python
	rm -rf .venv/oldest
	$(INSTALL) --no-deps --target .venv/oldest -r requirements-oldest.lock
	@touch $@

# --- use -----------------------------------------------------------------------------------------------------------
demo: .venv/.project ## set up, then fill a sample bank in demo/ and run its inspections
	$(BIN)/xiaobao demo $(WORKSPACE)

serve: .venv/.project ## open the pages of demo/ (or of WORKSPACE=folder)
	XIAOBAO_HOME="$(abspath $(WORKSPACE))" $(BIN)/xiaobao serve

lab: .venv/.project ## open the notebooks in JupyterLab
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter trust notebooks/*.ipynb >/dev/null
	XIAOBAO_HOME="$(abspath $(WORKSPACE))" $(BIN)/jupyter lab --LabApp.extension_manager=readonly notebooks

# --- work on the code ----------------------------------------------------------------------------------------------
machine:
	@.ci/machine

# Three browsers, servers and their kernels on two processors: what fails there is told in full and tried once more, alone.
PYTEST := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest
test: ## check style, types, floors and run every test
	@$(MAKE) --no-print-directory -j 2 .venv/.development machine
	@$(MAKE) --no-print-directory -j 2 lint collected
	$(PYTEST) -n 3 --dist loadfile --no-loadscope-reorder -m "not long" --durations 12 \
	  || $(PYTEST) --last-failed --last-failed-no-failures none --maxfail 9 -m "not long"
	XIAOBAO_MINUTES=1 $(PYTEST) tests/soak/test_fifty_people.py -q -s \
	  || XIAOBAO_MINUTES=1 $(PYTEST) tests/soak/test_fifty_people.py -q -s

# Read once beside lint, which leaves a processor free, all tests lie compiled for the three that run them.
collected: .venv/.development
	@$(PYTEST) --collect-only -q >/dev/null || true  # what cannot be read fails with its reason when the tests run

lint: .venv/.development ## ruff, mypy and the contract between floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# All runners in one environment: the project's locked libraries, what its peers need besides, and the checkout.
PEERS := .venv-peers/bin
.venv-peers/.ready: requirements.lock requirements-build.lock benchmarks/peers.lock pyproject.toml
	test -x $(PEERS)/python || $(PYTHON) -m venv .venv-peers
	for lock in requirements.lock requirements-build.lock benchmarks/peers.lock; do \
	  $(PEERS)/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes -r $$lock; done
	PATH="$(CURDIR)/$(PEERS):$$PATH" $(PEERS)/python -m pip --disable-pip-version-check --no-input install --quiet \
	  --no-build-isolation --no-deps --editable .
	@touch $@

soak: .venv/.development .venv/.oldest ## kill runs, imports, backups and migrations fifty times, forms a hundred times, and what takes long
	@.ci/machine soak
	PATH="$(CURDIR)/$(BIN):$$PATH" XIAOBAO_SOAK=50 nice -n 10 $(BIN)/python -m pytest tests/soak -q -m "not long" --durations 5
	PATH="$(CURDIR)/$(BIN):$$PATH" nice -n 10 $(BIN)/python -m pytest -q -m long

bench: .venv-peers/.ready ## batches side by side with peers and the floor (BENCH="--quick" for a trial)
	PATH="$(CURDIR)/$(PEERS):$$PATH" $(PEERS)/python -u benchmarks/batch.py $(BENCH)

# Peers of the pages, which want other versions than ours, in an environment of their own.
pagepeers: .venv/.development machine ## pages side by side with peers (BENCH="--quick" for a trial)
	test -x .venv-page-peers/bin/python || $(PYTHON) -m venv .venv-page-peers
	.venv-page-peers/bin/python -m pip --disable-pip-version-check --no-input install --quiet --require-hashes \
	  -r benchmarks/page_peers.lock
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -u benchmarks/pages.py $(BENCH)

format: .venv/.development ## put imports and layout in order
	$(BIN)/ruff check --select I --fix
	$(BIN)/ruff format

notebooks: .venv/.development ## execute the notebooks anew on the demo workspace, as they are committed
	XIAOBAO_HOME="$(abspath $(WORKSPACE))" $(BIN)/python .ci/notebooks.py

templates: .venv/.development ## make the Word templates in reports/templates/ anew
	for kind in appraisal inspection reports samples supervision visits; do PYTHONPATH=.ci $(BIN)/python -m word_templates.$$kind reports/templates; done

reference: .venv/.development ## write docs/, the READMEs' figures, the kernel's files and the kernelspec anew
	$(BIN)/python .ci/reference.py

screenshots: .venv/.development machine ## draw docs/images/ anew from the demo workspace
	XIAOBAO_HOME="$(abspath $(WORKSPACE))" $(BIN)/python -m tests.browser.screenshots

# --- hand over -----------------------------------------------------------------------------------------------------
bundle: .venv/.project ## collect all wheels for a machine without network, in bundle/
	.ci/bundle bundle

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
  --no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock: .venv/.development ## choose versions anew within the ranges of pyproject.toml
	$(COMPILE) pyproject.toml --extra cluster --extra postgres -o requirements.lock
	$(COMPILE) --group build -c requirements.lock -o requirements-build.lock
	$(COMPILE) pyproject.toml --extra cluster --extra postgres --group dev -c requirements.lock -c requirements-build.lock \
	  -o requirements-dev.lock
	$(COMPILE) benchmarks/peers.in -c requirements.lock -o benchmarks/peers.lock
	$(COMPILE) benchmarks/page_peers.in -o benchmarks/page_peers.lock
	echo 'ipykernel==7.1.0' | $(COMPILE) --no-deps - -o requirements-oldest.lock

clean: ## remove what was built, never a workspace
	rm -rf .venv .venv-peers .venv-page-peers bundle dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find xiaobao tests -name __pycache__ -prune -exec rm -rf {} +
