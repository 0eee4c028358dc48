# The project's commands. Each one makes the virtual environment it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
BUNDLES := -e plugins/astro_mergers -e plugins/optimal_transport
INSTALLED := $(VENV)/.installed
DEVELOP := $(VENV)/.develop
ORACLES := .oracles

MEASURED := data evaluation training builtin

.PHONY: run test oracles lint coverage schema docs benchmarks clean

run: $(INSTALLED) ## simulation to real with transfer learning, the main job, beside its baselines
	$(BIN)/dakit run examples/astro_mergers/sim_real_tl.json --resume
	$(BIN)/dakit sweep examples/astro_mergers/main.json --out runs

test: lint ## style, types, architecture and all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

oracles: $(ORACLES)/.installed ## other libraries, which tests/oracles compares the losses with

# apart, and without what they require: their pins would replace torch
$(ORACLES)/.installed: $(DEVELOP) tests/oracles/requirements.txt
	rm -rf $(ORACLES)
	$(BIN)/python -m pip install -q --no-deps --target $(ORACLES) -r tests/oracles/requirements.txt
	touch $@

lint: $(DEVELOP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=plugins/vision/src $(BIN)/lint-imports # the one bundle that is not installed

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

# torch first and pinned: a plain torch would bring several gigabytes of CUDA libraries
$(INSTALLED): pyproject.toml plugins/astro_mergers/pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q -c constraints.txt torch
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[figures]" -e plugins/astro_mergers
	touch $@

$(DEVELOP): $(INSTALLED) $(wildcard plugins/*/pyproject.toml)
	$(BIN)/python -m pip install -q -c constraints.txt -e ".[dev]" $(BUNDLES) torchvision timm
	touch $@

clean:
	rm -rf $(VENV) $(ORACLES) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
