# `make run` starts the app, `make test` runs every check. `make help` lists the rest.
#
# Both build .venv first and bring it up to date when a requirements file has changed. Otherwise they need no network.

# Where the app can be reached: from this computer alone. Only the command line changes it; some shells have a HOST too.
HOST = localhost
PORT ?= 8501
MINUTES ?= 30
# The first Python 3.11 there is; a name may be on the path and still lead to no interpreter, so each one is asked.
PYTHON ?= $(shell for name in python3.11 python3 python /usr/bin/python3.11; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && echo "$$name" && break; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run setup test soak audit check format train lock clean python packages

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: setup ## start the app at http://localhost:8501 (another port: make run PORT=8601)
	$(BIN)/python -m streamlit run app.py --server.address $(HOST) --server.port $(PORT)

setup: packages $(VENV)/app.stamp ## install what the app needs, and fetch the hand model
	@$(BIN)/python -m signcore setup

test: TEST_PACKAGES := chromium postgresql speech
test: packages $(VENV)/dev.stamp check ## run every check and every test, real browser included
	$(BIN)/python -m pytest

soak: TEST_PACKAGES := chromium
soak: packages $(VENV)/dev.stamp ## the robustness tests in their long form, an hour or two (sooner: make soak MINUTES=10)
	SOAK_MINUTES=$(MINUTES) $(BIN)/python -m pytest tests/robustness -s

audit: $(VENV)/dev.stamp ## look the pinned packages up in the advisory database
	tools/audit $(BIN)/python

check: $(VENV)/dev.stamp ## ruff, mypy and import-linter alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp ## put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

train: packages $(VENV)/train.stamp ## train a recogniser: make train CLIPS=clips.npz OUT=model.onnx
	$(BIN)/python -m signcore train --clips "$(CLIPS)" --out "$(OUT)"

lock: packages ## write constraints.txt anew, from what pip chooses with no constraints
	rm -rf .lock && mkdir .lock && cp requirements*.txt .lock && touch .lock/constraints.txt
	$(PYTHON) -m venv .lock/venv
	.lock/venv/bin/python -m pip install --quiet --requirement .lock/requirements-dev.txt
	{ grep '^#' constraints.txt; .lock/venv/bin/python -m pip freeze | grep -Ev '^(torch|triton|nvidia|cuda)'; } > .lock/new
	mv .lock/new constraints.txt && rm -rf .lock

clean: ## remove everything that make and the tools have made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .lock screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@test -n "$(PYTHON)" || { echo 'signcore needs Python 3.11; set PYTHON=/path/to/python3.11' >&2; exit 1; }

packages: python
	@tools/system-packages "$(PYTHON)" $(TEST_PACKAGES)

# A virtual environment that broke off half-way has no interpreter with pip, and is made again.
$(BIN)/pip: | packages
	$(PYTHON) -m venv --clear $(VENV)

$(VENV)/app.stamp: requirements.txt constraints.txt | $(BIN)/pip
	$(PIP) install --requirement requirements.txt
	@touch $@

$(VENV)/train.stamp: requirements-train.txt $(VENV)/app.stamp
	$(PIP) install --requirement requirements-train.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt requirements-postgres.txt $(VENV)/train.stamp
	$(PIP) install --requirement requirements-dev.txt
	@touch $@
