# The project's commands. Each one makes the virtual environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
BUNDLES := -e plugins/astro_mergers -e plugins/optimal_transport -e plugins/shallow
INSTALLED := $(VENV)/.installed
DEVELOP := $(VENV)/.develop
ORACLES := .oracles

MEASURED := data evaluation training builtin
PIP := $(BIN)/python -m pip install -q --no-compile -c constraints.txt

# bytecode is written for what is imported, when it is: to compile all that is installed takes longer
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test trackers tests oracles lint coverage schema docs benchmarks clean

run: $(INSTALLED) ## simulation to real with transfer learning, the main job, beside its baselines
	$(BIN)/dakit run examples/astro_mergers/sim_real_tl.json --resume
	$(BIN)/dakit sweep examples/astro_mergers/main.json --out runs

test: $(DEVELOP) ## style, types, architecture and all tests, side by side
	$(MAKE) --no-print-directory -j 2 tests lint

tests: $(DEVELOP) ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile --durations 10

oracles: $(ORACLES)/.installed ## other libraries, which tests/oracles compares the losses with

# apart, and without what they require: their pins would replace torch
$(ORACLES)/.installed: $(DEVELOP) tests/oracles/requirements.txt
	rm -rf $(ORACLES)
	$(BIN)/python -m pip install -q --no-compile --no-deps --target $(ORACLES) -r tests/oracles/requirements.txt
	touch $@

# apart: thirty packages, which the tests of one bundle use
trackers: $(DEVELOP) ## the libraries of plugins/trackers, for its tests
	$(PIP) tensorboard mlflow-skinny sqlalchemy alembic

lint: $(DEVELOP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=plugins/trackers/src:plugins/vision/src $(BIN)/lint-imports # bundles that are not installed

# apart from the tests, and of what makes numbers only: to watch every line doubles the time
coverage: $(DEVELOP) ## lines of dakit/data, evaluation, training and builtin that their tests never reach
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(MEASURED:%=tests/%) $(MEASURED:%=--cov=dakit.%)

schema: $(INSTALLED) ## the JSON Schemas that editors use for the example specs
	DAKIT_PLUGINS=astro_mergers $(BIN)/dakit schema --out examples/astro_mergers/run-spec.schema.json
	DAKIT_PLUGINS=astro_mergers $(BIN)/dakit schema --sweep --out examples/astro_mergers/sweep.schema.json

docs: $(DEVELOP) ## the documentation as web pages, in site/
	$(BIN)/mkdocs build --strict

benchmarks: $(DEVELOP) ## speed, memory and accuracy, minutes to hours
	for file in tests/benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

# torch is pinned: a plain one would bring several gigabytes of CUDA libraries
$(INSTALLED): $(VENV)/pyvenv.cfg pyproject.toml plugins/astro_mergers/pyproject.toml constraints.txt
	$(PIP) torch -e ".[figures]" -e plugins/astro_mergers
	touch $@

# holds all of the above, so that a bare clone is installed into once
$(DEVELOP): $(VENV)/pyvenv.cfg pyproject.toml $(wildcard plugins/*/pyproject.toml) constraints.txt
	$(PIP) torch torchvision timm -e ".[dev]" $(BUNDLES)
	touch $(INSTALLED) $@

clean:
	rm -rf $(VENV) $(ORACLES) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
