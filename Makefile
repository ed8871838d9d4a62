# Every target works on a fresh clone: what it needs, Python 3.14 included, is brought by tools/setup.
.DEFAULT_GOAL := help
.PHONY: help serve test fuzz test-document test-browser test-hosts test-uvicorn test-faults test-chaos test-files test-solvers measure-solvers measure-console test-client test-typescript lint audit openapi client console console-pictures client-types vendor compare bench load constraints clean
ARGS ?=
# More than there are cores: the tests wait for other processes most of the time. For a few tests it takes longer to start them.
WORKERS ?= $(if $(ARGS),0,3)
LOAD_HOST ?= http://127.0.0.1:8051
FUZZ_SECONDS ?= 60
FUZZ_SEED ?=

serve: .venv/.ready ## run the example on port 8051; ARGS="--port 9000" and the like
	.venv/bin/algomancy-api example $(ARGS)

test: .venv/.ready ## run the tests, WORKERS=3 at a time, or in one process those of ARGS="-k sessions" and the like; on PostgreSQL and behind nginx where they are (tests/integration/persistence/setup, tests/integration/proxy/setup)
	.venv/bin/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

test-document: .venv-tools/.ready ## try the OpenAPI document: validator, linters, generators of clients, Schemathesis for FUZZ_SECONDS=60 against the example
	tests/integration/document/clients/setup
	.venv-tools/bin/python -m pytest tests/integration/document $(ARGS)
	.venv-tools/bin/python -m tests.integration.document.fuzz --seconds $(FUZZ_SECONDS) $(if $(FUZZ_SEED),--seed $(FUZZ_SEED))

fuzz: .venv-tools/.ready ## lead a fuzzer into the codec, the forms and the routes, for FUZZ_SECONDS=60; on x86-64 Linux
	.venv-tools/bin/python -m tests.integration.fuzzing --seconds $(FUZZ_SECONDS) $(ARGS)

test-browser: .venv-tools/.ready ## try the page in Chromium, the types in TypeScript, both in the wheel
	tests/integration/browser/setup
	tools/setup-typescript clients/console
	.venv-tools/bin/python -m pytest tests/integration/browser $(ARGS)

test-hosts: .venv-tools/.ready ## try the app in FastAPI, under hypercorn, granian, daphne and gunicorn, and as WSGI
	.venv-tools/bin/python -m pytest $(foreach host,fastapi hypercorn granian daphne gunicorn wsgi,tests/integration/hosts/test_$(host).py) $(ARGS)

test-uvicorn: ## run the tests of the server under the lowest and the newest uvicorn
	tools/test-uvicorn $(ARGS)

test-faults: .venv/.ready ## kill a server again and again under load, and look; ARGS="--kills 50" and the like
	.venv/bin/python -m tests.integration.faults $(ARGS)

test-chaos: .venv/.ready ## run, stop, cancel and kill runs and the server at random, and look what is left; ARGS="--seconds 3600 --engine dask" and the like
	.venv/bin/python -m tests.integration.faults.chaos $(ARGS)

test-files: .venv/.ready ## download packages of other projects, and check that their files come back equal; ARGS="--database postgresql" and the like
	.venv/bin/python -m tests.integration.persistence.real_files $(ARGS)

test-solvers: .venv-solvers/.ready ## run the recipes of docs/solvers.md with the real solvers, on the engines; ARGS="-k Highs" and the like
	.venv-solvers/bin/python -m pytest tests/integration/solvers $(ARGS)

measure-solvers: .venv-solvers/.ready ## measure how soon a server answers while each real solver works, for docs/solvers.md; ARGS="--only Highs" and the like
	.venv-solvers/bin/python -m tests.integration.solvers.health $(ARGS)

test-client: .venv/.ready ## try the Python client in memory and over TCP, and on the oldest Python from 3.10 that there is
	tools/test-client $(ARGS)

test-typescript: .venv-tools/.ready ## try the TypeScript client in Node.js and in Chromium, over restarts and behind nginx
	tools/test-typescript $(ARGS)

lint: .venv-tools/.ready ## check style, format, types, and that the document, the generated tables of docs/, half of the client and the console are up to date
	.venv-tools/bin/ruff check
	.venv-tools/bin/ruff format --check
	.venv-tools/bin/mypy
	.venv-tools/bin/mypy --config-file clients/python/pyproject.toml
	.venv-tools/bin/python openapi/generate.py --check
	.venv-tools/bin/python clients/python/generate.py --check
	tools/build-console --check

audit: ## look for known weaknesses of the packages in constraints.txt, where pip-audit can reach its data
	tools/audit

openapi: .venv/.ready ## renew openapi/openapi.json from the routes, and the tables of routes, keywords and limits in docs/
	.venv/bin/python openapi/generate.py

client: .venv-tools/.ready ## renew the Python client without an event loop from the one with it
	.venv-tools/bin/python clients/python/generate.py

console: ## build the console from clients/console
	tools/build-console

measure-console: .venv-tools/.ready ## the longest task of the console in Chromium, with 10,000 scenarios and a table of 1,000,000 rows
	tests/integration/browser/setup
	.venv-tools/bin/python -m tests.integration.browser.console_tasks

console-pictures: .venv-tools/.ready ## take the pictures of docs/console.md anew
	tests/integration/browser/setup
	.venv-tools/bin/python -m tests.integration.browser.console_pictures docs/console

client-types: ## renew the types of the TypeScript client from openapi/openapi.json
	tools/setup-typescript
	cd clients/typescript && npm run generate

vendor: .venv/.ready ## renew openapi/swagger-ui from npm; ARGS=5.35.0 and the like
	.venv/bin/python openapi/vendor.py $(ARGS)

compare: .venv/.ready .venv-peer/.ready ## compare the answers with those of algomancy-api 0.10.0
	PEER_PYTHON="$(CURDIR)/.venv-peer/bin/python" .venv/bin/python -m tests.integration.compare $(ARGS)

bench: .venv/.ready .venv-peer/.ready ## measure beside algomancy-api 0.10.0 and a bare ASGI app; ARGS="requests --rounds 1" and the like
	benchmarks/setup
	PEER_PYTHON="$(CURDIR)/.venv-peer/bin/python" .venv/bin/python -m benchmarks $(ARGS)

load: .venv/.ready ## put a load on a running server, LOAD_HOST=http://127.0.0.1:8051; ARGS="--run-time 30s Reads Runs Uploads" and the like
	.venv/bin/python -m locust --locustfile benchmarks/locustfile.py --headless --only-summary --host "$(LOAD_HOST)" --users 16 --spawn-rate 100 --run-time 10s --stop-timeout 10s $(ARGS)

constraints: ## renew constraints.txt: the newest versions that fit pyproject.toml
	tools/uv pip compile --quiet --upgrade --universal --python "$$(tools/python)" --extra bench --extra dask --extra metrics --extra postgres --extra test --group lint --group tools \
		--no-annotate --custom-compile-command 'make constraints' pyproject.toml --output-file .tools/constraints.txt
	sed 's/ *;.*//' .tools/constraints.txt >constraints.txt # pinned alike on every platform

clean: ## remove all that the targets made
	rm -rf .venv .venv-client .venv-peer .venv-solvers .venv-tools .tools .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	rm -rf clients/console/node_modules clients/typescript/node_modules clients/typescript/build clients/typescript/dist
	find algomancy_api benchmarks clients tests -name __pycache__ -prune -exec rm -rf {} +

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

# The Python behind an environment goes when the checkout is moved.
ifeq ($(realpath .venv/bin/python),)
.PHONY: .venv/.ready
endif

.venv/.ready: pyproject.toml constraints.txt clients/python/pyproject.toml
	tools/setup .venv --constraints constraints.txt --group lint --editable '.[bench,dask,metrics,postgres,test]' --editable ./clients/python

.venv-tools/.ready: pyproject.toml constraints.txt clients/python/pyproject.toml
	tools/setup .venv-tools --constraints constraints.txt --group lint --group tools --editable '.[bench,dask,metrics,postgres,test]' --editable ./clients/python

# The versions that the page was written for. The licences that the wheels bring are for small problems.
.venv-solvers/.ready: pyproject.toml constraints.txt tests/integration/solvers/requirements.txt
	tools/setup .venv-solvers --constraints constraints.txt --requirements tests/integration/solvers/requirements.txt --editable '.[postgres,test]'

.venv-peer/.ready: Makefile
	tools/setup .venv-peer 'algomancy-api==0.10.0' \
		'algomancy-data[database]==0.10.0' 'algomancy-scenario[database]==0.10.0'
