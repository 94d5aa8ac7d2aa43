# What to type. Everything sets itself up; nothing is installed outside this folder.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help install demo test check bench campaign run locks clean

help: ## say what there is
	@echo "make demo      the whole product on this machine, with data to play with"
	@echo "make test      install and pass the tests (DEEP=1: all of them, fails on skips)"
	@echo "make check     format, lint, types, layers, missing migrations"
	@echo "make bench     figures against peers, in one run: make bench NAME=wallet (or intake, settle, acts, \"feed odds88\", \"feed sportradar\", \"feed lsports\")"
	@echo "make campaign  the long figures: make campaign NAME=wallet"
	@echo "make run       web, workers and beat against the services in the environment"
	@echo "make install   the development environment in .venv"
	@echo "make locks     resolve the three lock files anew (needs uv)"
	@echo "make clean     remove .venv, the demo's data and caches"

# A venv stands when its lock was installed into it. Moving or changing the lock rebuilds it.
$(VENV)/dev.stamp: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name another: make PYTHON=python3.13 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "The venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the development environment into $(VENV) …"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.txt
	@touch $(VENV)/dev.stamp $(VENV)/demo.stamp

$(VENV)/demo.stamp: requirements-demo.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Python 3.11 or newer is needed; $(PYTHON) is `$(PYTHON) --version 2>&1`. Name another: make PYTHON=python3.13 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "The venv module is missing. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing into $(VENV) …"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --no-deps -r requirements-demo.txt
	@touch $(VENV)/demo.stamp

install: $(VENV)/dev.stamp ## .venv from the development lock

demo: $(VENV)/demo.stamp ## one process; Ctrl-C ends all of it
	@exec $(BIN)/python -m backoffice.embedded --data .demo -- $(BIN)/python manage.py demo --state .demo

test: $(VENV)/dev.stamp
	@exec env DEEP=$(DEEP) $(BIN)/python -m pytest -n 2 $(ARGS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -W ignore manage.py makemigrations --check --dry-run

bench: $(VENV)/dev.stamp
	@exec $(BIN)/python -m backoffice.embedded -- $(BIN)/python manage.py bench $(or $(NAME),wallet)

campaign: $(VENV)/dev.stamp
	@exec $(BIN)/python -m pytest -p no:xdist -s tests/campaigns/test_$(NAME).py --campaign

run: $(VENV)/demo.stamp
	@$(BIN)/python manage.py migrate --no-input
	@exec $(BIN)/python manage.py run

locks:
	for extra in : demo:embedded dev:dev; do \
	  name=$${extra%%:*}; wants=$${extra#*:}; \
	  uv pip compile pyproject.toml $${wants:+--extra $$wants} --universal -p 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate -q -o requirements$${name:+-$$name}.txt; \
	done

clean:
	@if [ -d .demo ]; then $(PYTHON) -m backoffice.embedded --data .demo --remove; fi
	@rm -rf $(VENV) .demo .run staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
