# Two commands matter: `make run` and `make test`. Everything they need ends up in .venv.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test interop lint lint-page bench lock region clean

run: .venv/engine.stamp
	@$(BIN)/python app.py

test: .venv/dev.stamp .venv/engine.stamp
	@$(BIN)/python tests/prepare.py
	$(MAKE) --no-print-directory lint
	@if command -v node >/dev/null; then node --test tests/browser_units/*.mjs; \
	 else echo "No Node found: the checks of the page's pure functions (tests/browser_units) did not run."; fi
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not interop"
	# one browser at a time: it draws in software and keeps two cores busy by itself
	$(BIN)/python -m pytest -m browser

# With the real programs of others: QGIS, PostGIS, mosquitto. Installs Debian's where they are missing.
interop: .venv/dev.stamp .venv/engine.stamp
	@$(BIN)/python tests/prepare.py interop
	$(BIN)/python -m pytest -m interop

lint: .venv/dev.stamp lint-page
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# ESLint, prettier and the types of the page's modules; their packages are needed for this alone
lint-page:
	@if command -v npm >/dev/null; then \
	   test node_modules/.package-lock.json -nt package-lock.json || npm ci --silent && npm run --silent lint; \
	 else echo "No Node found: the page's modules (assets/page) were not checked by ESLint and tsc."; fi

bench: .venv/dev.stamp
	@$(BIN)/python -m benchmarks

# Pins every version that requirements*.txt bring along, with hashes; make installs only what is pinned.
# It asks the package index, so it needs a network.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"
lock: .venv/dev.stamp
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-dev.txt --output-file requirements-dev.lock

# Rebuilds the embedded region from its sources; see docs/data.md. Nobody needs it to run Knock-on.
region: .venv/dev.stamp
	$(BIN)/python -m data.prepare.neubrandenburg

.venv/run.stamp: requirements.lock data/scripts.py
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Knock-on needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what Knock-on needs into .venv (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m data.prepare.map_library
	@touch $@

.venv/engine.stamp: .venv/run.stamp $(wildcard models/cascade/*.py models/cascade/*/*.py)
	@echo "Compiling the engine (once, about a minute) ..."
	@$(BIN)/python cli.py warmup
	@touch $@

.venv/dev.stamp: requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@$(BIN)/python -m data.prepare.map_library
	@touch $@ .venv/run.stamp

clean:
	rm -rf .venv node_modules var .mypy_cache .ruff_cache .pytest_cache .hypothesis
