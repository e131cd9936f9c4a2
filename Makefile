# Each target works on a fresh machine with Python 3.11 and make. See README.md.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: run test check bench soak fmt system-run system-test
.DEFAULT_GOAL := run

run: system-run $(STAMP) ## the demo school on http://localhost:8000
	@LMS_ENV=development $(BIN)/lms serve --demo

test: system-test $(STAMP) ## every test, on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.postgresql $(BIN)/pytest -q -n 2 --dist worksteal
	@$(BIN)/python -m tests.postgresql $(BIN)/pytest -q -n 2 --dist worksteal --database postgresql

check: $(STAMP) ## lint, format, imports, types, templates, translations, content, security
	@$(BIN)/python -m tests.check

bench: system-run $(STAMP) ## server CPU a request
	@$(BIN)/python -m tests.bench $(BENCH)

soak: system-test $(STAMP) ## the long fault schedules, on SQLite and on PostgreSQL
	@$(BIN)/python -m tests.postgresql $(BIN)/pytest -q -n 2 -m soak --soak
	@$(BIN)/python -m tests.postgresql $(BIN)/pytest -q -n 2 -m soak --soak --database postgresql

fmt: $(STAMP) ## format code, collect words to translate
	@$(BIN)/ruff check -q --fix . ; $(BIN)/ruff format -q .
	@$(BIN)/python -m tests.words

system-run system-test:
	@$(PYTHON) lms/system.py $(subst system-,,$@)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) lms/system.py run
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@
