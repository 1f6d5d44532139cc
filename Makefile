# Everything a developer or a build runs. `make` alone lists it.
# Needs: python3 (3.11 or newer, with venv), make, git. Works as root and as anybody else.

PYTHON ?= python3
JOBS   ?= auto
# Only `make lock` uses it, in a throw-away environment.
UV     := uv==0.13.9

BIN   := .venv/bin
READY := .venv/.ready
PIP   := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup demo tools test coverage crash-lab lint format types lock wheel man completion bundle install wheelhouse soak clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with the locked dependencies and this package
	@:

$(READY): requirements/dev.txt pyproject.toml d2l_sync/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "d2l-sync needs Python 3.11 or newer; $(PYTHON): $$( ($(PYTHON) -V) 2>/dev/null || echo not found)." >&2; \
	  echo "Name another: make setup PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module. On Debian: apt install python3-venv" >&2; exit 1; }
	@echo "Setting up .venv (about a minute the first time) ..."
	@rm -f $@
	@$(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "Ready: $(BIN)/d2l-sync"

demo: setup ## the whole loop on this machine, with pretended systems
	@$(BIN)/d2l-sync demo

tools: ## find, or as root install, what the tests need besides Python
	@.ci/tools

test: setup tools ## every test, in random order
	@$(BIN)/pytest -n $(JOBS)

coverage: setup tools ## every test, with the lines and branches it missed
	@$(BIN)/pytest -n $(JOBS) --cov --cov-report=term-missing
	@echo "The core, of which every branch is to be tested:"
	@$(BIN)/coverage report --include='d2l_sync/domain/*,d2l_sync/services/*' --fail-under=100

crash-lab: setup ## kill the program at every step, beside every fault; prints its figures
	@$(BIN)/python -m tests.crashlab

lint: setup ## rules and format, changing nothing
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

format: setup ## bring the code into format
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

types: setup ## check the types
	@$(BIN)/mypy

# Keeps what is pinned and adds what is new; `make lock UPGRADE=--upgrade` takes newer versions,
# none younger than a week: a bad release is usually withdrawn by then.
COMPILE = $$tmp/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-config --no-strip-extras --no-emit-index-url --no-emit-find-links --exclude-newer "7 days" \
  --custom-compile-command "make lock" $(UPGRADE) pyproject.toml

lock: ## pin every dependency with its hashes
	@tmp=$$(mktemp -d) && trap 'rm -rf "$$tmp"' EXIT && \
	$(PYTHON) -m venv $$tmp && \
	$$tmp/bin/python -m pip -qq --disable-pip-version-check install $(UV) && \
	$(COMPILE) --output-file requirements/runtime.txt && \
	$(COMPILE) --group dev --constraint requirements/runtime.txt --output-file requirements/dev.txt

wheel: setup ## build dist/d2l_sync-*.whl
	@rm -rf dist
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist

man: setup ## write the manual pages to build/man
	@$(BIN)/python -m install.manual build/man

completion: setup ## write the shells' completion to build/completion
	@$(BIN)/python -m install.completion build/completion

# Everything that a site gets, in one folder; install.sh in it does the rest.
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' d2l_sync/__init__.py)
BUNDLE  = build/d2l-sync-$(VERSION)

bundle: man completion
	@rm -rf $(BUNDLE) && mkdir -p $(BUNDLE)/wheels
	@$(PIP) wheel --no-deps --no-build-isolation --wheel-dir $(BUNDLE)/wheels .
	@cp -R install/install.sh alerts config docs systemd build/man build/completion $(BUNDLE)/
	@cp requirements/runtime.txt $(BUNDLE)/requirements.txt

install: bundle ## as root: install or upgrade under /opt/d2l-sync; honours DESTDIR, APP, PREFIX, SYSCONFDIR
	@DESTDIR="$(DESTDIR)" APP="$(APP)" PREFIX="$(PREFIX)" SYSCONFDIR="$(SYSCONFDIR)" \
	  PYTHON="$(if $(filter file,$(origin PYTHON)),,$(PYTHON))" \
	  $(BUNDLE)/install.sh

wheelhouse: bundle ## pack dist/d2l-sync-*-offline.tar.gz: to install where no package index is
	@$(PIP) download --no-deps --require-hashes -r requirements/runtime.txt --dest $(BUNDLE)/wheels
	@cd $(BUNDLE) && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum >SHA256SUMS
	@mkdir -p dist && tar -C build -czf dist/d2l-sync-$(VERSION)-offline.tar.gz d2l-sync-$(VERSION)
	@echo "dist/d2l-sync-$(VERSION)-offline.tar.gz: unpack it on a machine of this kind and run install.sh as root"

soak: setup ## run the service through minutes of trouble; prints its figures (SOAK="--seconds 60")
	@$(BIN)/python -m bench.soak $(SOAK)

clean: ## remove .venv, dist and what tools left behind
	@rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage .coverage.*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
