# Everything goes through .venv, which `make setup` prepares; a second call returns at once.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin

.PHONY: setup run test check bench soak screenshots

setup:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install python3"; exit 1; }
	@$(PYTHON) tools/setup.py

# The window where there is a display, the headless demonstration where there is none.
run: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; then $(BIN)/vastudio; \
	else echo "There is no display here, so this runs the demonstration without a window: vastudio demo"; \
	$(BIN)/vastudio demo; fi

# A test that hangs ends the run after five minutes, and says where every thread stands.
test: setup-development check
	$(BIN)/pytest -o faulthandler_timeout=300 -o faulthandler_exit_on_timeout=true

setup-development:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install python3"; exit 1; }
	@$(PYTHON) tools/setup.py --development

# What needs no run: style, types, layers.
check: setup-development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Training to a target and other long measurements; results belong into docs/benchmarks.md.
bench: setup-development
	$(BIN)/pytest -m slow -s

# Playing for minutes on a device without hardware (JACK), beside a window and a training run.
soak: setup-development
	$(BIN)/pytest -m soak -s

screenshots: setup
	QT_QPA_PLATFORM=offscreen $(BIN)/python tools/screenshots.py build/screenshots
