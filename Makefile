# Every target works on a fresh clone: what it needs, Python 3.14 included, is brought by tools/setup.
.DEFAULT_GOAL := help
.PHONY: help serve test lint compare constraints clean
ARGS ?=

serve: .venv/.ready ## run the example on port 8051; ARGS="--port 9000" and the like
	.venv/bin/algomancy-api example $(ARGS)

test: .venv/.ready ## run the tests; ARGS="-k sessions" and the like
	.venv/bin/python -m pytest $(ARGS)

lint: .venv/.ready ## check style, format and types
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

compare: .venv/.ready .venv-peer/.ready ## compare the answers with those of algomancy-api 0.10.0
	PEER_PYTHON="$(CURDIR)/.venv-peer/bin/python" .venv/bin/python -m tests.compare $(ARGS)

constraints: ## renew constraints.txt: the newest versions that fit pyproject.toml
	tools/uv pip compile --quiet --upgrade --universal --python "$$(tools/python)" --extra test --group lint \
		--no-annotate --custom-compile-command 'make constraints' pyproject.toml --output-file .tools/constraints.txt
	sed 's/ *;.*//' .tools/constraints.txt >constraints.txt # pinned alike on every platform

clean: ## remove all that the targets made
	rm -rf .venv .venv-peer .tools .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find algomancy_api tests -name __pycache__ -prune -exec rm -rf {} +

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

# The Python behind an environment goes when the checkout is moved.
ifeq ($(realpath .venv/bin/python),)
.PHONY: .venv/.ready
endif

.venv/.ready: pyproject.toml constraints.txt
	tools/setup .venv --constraints constraints.txt --group lint --editable '.[test]'

.venv-peer/.ready: Makefile
	tools/setup .venv-peer 'algomancy-api==0.10.0' \
		'algomancy-data[database]==0.10.0' 'algomancy-scenario[database]==0.10.0'
