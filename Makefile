# Two commands set everything up, here in this folder and nowhere else:
#   make run    the main job on the bundled sample (`earshot demo`)
#   make test   every check
# `make` alone lists the rest. Another interpreter: make PYTHON=python3.12 run

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The lock is complete, so nothing is looked up: what it does not name is not installed.
PIP_LOCKED := $(PIP) install --no-deps --require-hashes --requirement
UV_VERSION := 0.13.9

# Whose code asks what time it is: the commands, the service, and the clients of networks. Every
# other test gives the time itself. In SQLite alone: no database is asked for the time.
READS_THE_CLOCK := tests/earshot/cli --ignore tests/earshot/cli/test_score.py \
	tests/earshot/demo tests/earshot/pipeline/test_webhook.py tests/earshot/service \
	tests/journeys tests/listener tests/net --ignore tests/listener/query tests/test_clock.py

# A stamp is written after its step went well, so a step that failed is done again.
MADE := .venv/.made
CAN_RUN := .venv/.can-run
CAN_TEST := .venv/.can-test
CAN_LOCK := .venv/.can-lock-$(UV_VERSION)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test check format drill lock clean

help:
	@echo "make run      set up and show the whole way on the bundled sample (earshot demo)"
	@echo "make test     set up and run every check"
	@echo "make check    every check, without set-up"
	@echo "make format   let ruff mend and format the code"
	@echo "make drill    the slow tests"
	@echo "make lock     write requirements/run.txt and test.txt anew (UPGRADE=--upgrade: newest of all)"
	@echo "make clean    remove .venv and what the tools left"

run: $(CAN_RUN)
	@echo "== earshot demo"
	@$(BIN)/earshot demo

test: $(CAN_TEST)
	@$(MAKE) --no-print-directory check

check:
	@echo "== ruff check: style and likely mistakes"
	@$(BIN)/ruff check --quiet
	@echo "== ruff format: layout"
	@$(BIN)/ruff format --check --quiet
	@echo "== mypy --strict: types"
	@$(BIN)/mypy --no-error-summary
	@echo "== import-linter: floors and rooms, one door per library"
	@$(BIN)/lint-imports --no-logo
	@echo "== pytest: behaviour"
	@$(BIN)/python -m pytest --quiet --numprocesses auto
	@echo "== pytest on a 29 February to come: what reads the clock"
	@EARSHOT_TEST_CLOCK=leap-day EARSHOT_TEST_POSTGRES= \
		$(BIN)/python -m pytest --quiet --numprocesses auto $(READS_THE_CLOCK)
	@echo "== earshot train --quick: every stage of training, on a few texts"
	@rm -rf .quick && mkdir .quick
	@$(BIN)/earshot train --quick --out .quick/models --work .quick/work 2> .quick/log || { \
		tail .quick/log >&2; exit 1; }

format:
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

drill: $(CAN_TEST)
	@echo "== pytest -m slow: drills, minutes each"
	@$(BIN)/python -m pytest -m slow

lock: $(CAN_LOCK)
	@echo "== uv: requirements/run.txt, then test.txt with the same versions"
	@$(UV_COMPILE) --output-file requirements/run.txt
	@$(UV_COMPILE) --extra models --extra dev --constraints requirements/run.txt \
		--excludes requirements/not-locked.txt --no-emit-package torch \
		--output-file requirements/test.txt

# Versions already locked stay, unless UPGRADE=--upgrade asks for the newest of all.
UV_COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --no-config --universal \
	--python-version 3.11 --generate-hashes --no-annotate $(UPGRADE) \
	--custom-compile-command "make lock"

clean:
	rm -rf .venv .quick build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ---------------------------------------------------------------- set-up

$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "earshot needs Python 3.11 or newer and '$(PYTHON)' is not: make PYTHON=python3.12 run" >&2; \
		exit 1; }
	@echo "== set-up: a virtual environment in .venv"
	@$(PYTHON) -m venv .venv
	@touch $@

$(CAN_RUN): $(MADE) pyproject.toml requirements/run.txt
	@rm -f $@
	@echo "== set-up: the libraries earshot runs on, as locked (about a minute the first time)"
	@$(PIP_LOCKED) requirements/run.txt
	@echo "== set-up: earshot itself"
	@$(PIP) install --no-deps --editable .
	@touch $@

$(CAN_TEST): $(CAN_RUN) requirements/test.txt requirements/torch.txt
	@rm -f $@
	@echo "== set-up: what the checks need, as locked (some minutes the first time)"
	@$(PIP_LOCKED) requirements/test.txt
	@echo "== set-up: torch"
	@$(PIP) install --requirement requirements/torch.txt
	@touch $@

$(CAN_LOCK): $(MADE)
	@echo "== set-up: uv $(UV_VERSION), to resolve versions"
	@$(PIP) install uv==$(UV_VERSION)
	@touch $@
