# `make book` and `make test` set up what they need on first use; the rest is for contributors.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help book test lint format pairs claims clean

help:
	@echo "make book    build the book into _build/html"
	@echo "make test    run every test: library, claims, notebooks, book"
	@echo "make lint    check style and spelling"
	@echo "make format  put the code into the style that lint asks for"
	@echo "make pairs   execute the chapters and write their notebooks, chapters/*.ipynb"
	@echo "make claims  measure every claim and write chapters/claims.json"
	@echo "make clean   remove what was built; 'rm -r .venv' removes the environment too"
	@echo "PYTHON=...   the Python for the environment, 3.11 or newer (now: $(PYTHON))"

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Descent needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
	  echo "Name another one:  make PYTHON=/path/to/python3.12 book"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/book: $(VENV)/python requirements.txt pyproject.toml
	$(PIP) -r requirements.txt
	@touch $@

$(VENV)/test: $(VENV)/python requirements.txt pyproject.toml
	$(PIP) -r requirements.txt -e ".[test]"
	@touch $@ $(VENV)/book

book: $(VENV)/book
	$(BIN)/jupyter-book build -W -n --keep-going .
	@echo "The book: file://$(CURDIR)/_build/html/index.html"

test: $(VENV)/test
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

format: $(VENV)/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pairs: $(VENV)/test
	$(BIN)/python tests/pairs.py write $(NAMES)

claims: $(VENV)/test
	$(BIN)/python -m pytest tests/claims --write-claims

clean:
	rm -rf _build .pytest_cache .ruff_cache .hypothesis *.egg-info
	find lib tests -name __pycache__ -type d -prune -exec rm -rf {} +
