"""The allowed imports between modules, checked in the sources."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import algomancy_api

PACKAGE = Path(algomancy_api.__file__).parent

#: The Python client, a distribution of its own.
CLIENT = PACKAGE.parent / "clients" / "python" / "src" / "algomancy_client"


def modules_of(package: Path) -> dict[str, Path]:
    """The files of the modules of a package, by their names in it."""
    return {
        ".".join(path.relative_to(package).with_suffix("").parts).removesuffix("__init__").rstrip("."): path
        for path in sorted(package.rglob("*.py"))
    }


MODULES = modules_of(PACKAGE)
CLIENT_MODULES = modules_of(CLIENT)

#: The modules of both, by the names of their packages and their own.
EVERY_MODULE = {
    (package.name, module): path for package in (PACKAGE, CLIENT) for module, path in modules_of(package).items()
}


def unit(module: str) -> str:
    """The folder, or the module at the top, that a module is in."""
    return module.partition(".")[0]


UNITS = {unit(module) for module in MODULES}

#: From the ground up: a module imports from its own layer and from those below.
LAYERS = [
    {"config", "docstrings", "errors", "free_memory", "limits", "logs", "methods", "webhooks"},
    {"extraction", "listing"},
    {"engines"},
    {"concurrency", "datafiles", "serialization", "tables"},
    {"framework"},
    {"auth", "example", "schemas"},
    {"comparison"},
    {"openapi"},
    {"http"},
    {"live", "uploads"},
    {"services"},
    {"metrics", "middleware"},
    {"routes", "server"},
    {"application"},
    {"check", "launcher", "maintenance"},
    {"", "dependencies"},
    {"cli"},
    {"__main__"},
]

#: What a leaf imports all the same: the configuration checks tokens and names of engines.
EXCEPTIONS = {("config.configuration", "auth"), ("config.rules", "auth"), ("config.rules", "engines")}

#: How many modules a folder has at most, beside its ``__init__``.
MOST_MODULES = 12

#: What may be used by a program that serves nothing.
WITHOUT_HTTP = {
    "comparison",
    "config",
    "datafiles",
    "docstrings",
    "engines",
    "errors",
    "example",
    "extraction",
    "framework",
    "free_memory",
    "limits",
    "listing",
    "schemas",
    "serialization",
    "tables",
    "webhooks",
}
HTTP = {"starlette", "sse_starlette", "uvicorn", "h11", "httptools", "httpx"}


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text())


def imports(module: str, package: Path = PACKAGE) -> Iterator[str]:
    """What a module imports, wherever it does: absolute, and by full name."""
    path = EVERY_MODULE[package.name, module]
    parents = [package.name, *path.relative_to(package).parent.parts]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = parents[: len(parents) - node.level + 1] if node.level else []
            source = [*base, *filter(None, [node.module])]
            yield from (".".join([*source, alias.name]) for alias in node.names)


def on_import(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a module that run when it is imported: all but the bodies of functions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from on_import(child)


def neighbours(module: str) -> set[str]:
    """The modules of this package that a module imports, by their unit."""
    inside = {name.split(".")[1] for name in imports(module) if name.startswith("algomancy_api.")}
    return {unit(name) if unit(name) in UNITS else "" for name in inside}


def distributions(module: str) -> set[str]:
    return {name.partition(".")[0] for name in imports(module)}


def names(tree: ast.AST) -> set[str]:
    """Every name, attribute and imported name in a piece of source."""
    kinds = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name"}
    return {getattr(node, kinds[type(node)]) for node in ast.walk(tree) if type(node) in kinds}


def is_without_http(module: str) -> bool:
    return unit(module) in WITHOUT_HTTP


def layer(module: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if unit(module) in names)


def test_every_module_has_its_layer() -> None:
    assert set().union(*LAYERS) == UNITS


def test_imports_run_one_way() -> None:
    upwards = {(module, name) for module in MODULES for name in neighbours(module) if layer(name) > layer(module)}
    assert upwards - EXCEPTIONS == set()


def test_imports_never_run_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for module in MODULES:
        others = neighbours(module) - {unit(module)}
        graph.setdefault(unit(module), set()).update(name for name in others if (module, name) not in EXCEPTIONS)
    TopologicalSorter(graph).prepare()


FOLDERS = {path.parent for path in EVERY_MODULE.values()}


@pytest.mark.parametrize("package", sorted(FOLDERS - {PACKAGE}), ids=lambda p: p.name)
def test_a_folder_has_few_modules_and_says_what_each_does(package: Path) -> None:
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert len(modules) <= MOST_MODULES
    described = ast.get_docstring(ast.parse((package / "__init__.py").read_text()), clean=True) or ""
    assert modules <= set(re.findall(r"`(\w+)`", described))


def test_no_module_spells_a_folder() -> None:
    """A family of modules is a folder, and not a prefix before an underscore."""
    paths = EVERY_MODULE.values()
    spelled = {
        (path, other)
        for path in paths
        for other in paths
        if path.parent == other.parent and other.stem.startswith(f"{path.stem}_")
    }
    assert spelled == set()


def test_no_module_has_the_name_of_one_of_the_standard_library_that_it_imports() -> None:
    assert {module for module in MODULES if MODULES[module].stem in distributions(module)} == set()
    named = {module: {name.partition(".")[0] for name in imports(module, CLIENT)} for module in CLIENT_MODULES}
    assert {module for module in CLIENT_MODULES if CLIENT_MODULES[module].stem in named[module]} == set()


def test_what_knows_no_http_imports_none() -> None:
    modules = [module for module in MODULES if is_without_http(module)]
    assert {(module, name) for module in modules for name in distributions(module) & HTTP} == set()
    others = {(module, name) for module in modules for name in neighbours(module) if not is_without_http(name)}
    assert others - EXCEPTIONS == set()


def test_engines_and_framework_stand_on_their_own() -> None:
    allowed = {
        "extraction": {"extraction", "free_memory"},
        "engines": {"engines", "extraction"},
        "framework": {"framework", "engines", "serialization", "webhooks"},
    }
    modules = [module for module in MODULES if unit(module) in allowed]
    assert {(module, name) for module in modules for name in neighbours(module) - allowed[unit(module)]} == set()


def test_what_differs_by_database_is_in_a_dialect() -> None:
    outside = {module for module in MODULES if module.startswith("framework") and ".dialects" not in module}
    words = re.compile("sqlite|postgres|psycopg|dialect.name", re.IGNORECASE)
    assert {module for module in outside if words.search(MODULES[module].read_text())} == set()


def test_no_other_web_framework_creeps_in() -> None:
    others = {"django", "fastapi", "flask", "pydantic"}
    assert {(module, name) for module in MODULES for name in distributions(module) & others} == set()


def test_the_environment_is_read_where_an_app_is_built_and_nowhere_else() -> None:
    words = {"environ", "environb", "getenv", "getenvb"}
    # A child is told its folder and its threads by way of the environment.
    written = "engines.process.child.setup.environment"
    assert {module for module in MODULES if names(tree(module)) & words} - {written} == {"launcher"}
    assert {node.attr for node in on_import(tree("launcher")) if isinstance(node, ast.Attribute)} & words == set()


def test_nothing_is_built_on_import() -> None:
    """Nobody calls at module level what opens a file, starts a thread, or makes an app."""
    builders = {
        "ApiConfiguration", "ApiSessionManager", "Starlette", "Thread", "Workers", "build", "create_application",
        "create_engine", "mkdir", "open", "read_bytes", "read_text",
    }  # fmt: skip
    calls = {module: [node for node in on_import(tree(module)) if isinstance(node, ast.Call)] for module in MODULES}
    called = {module: {name for call in calls[module] for name in names(call.func)} for module in MODULES}
    assert {(module, name) for module in MODULES for name in called[module] & builders} == set()


def test_every_module_is_short_enough_to_read() -> None:
    lengths = {module: len(path.read_text().splitlines()) for module, path in EVERY_MODULE.items()}
    assert {module: length for module, length in lengths.items() if length > 300} == {}


#: Of the client, from the ground up; the two halves of it do not know each other.
CLIENT_LAYERS = [
    {"errors", "extras", "retries"},
    {"settings"},
    {"wire"},
    {"frames", "progress"},
    {"views"},
    {"_async", "_sync"},
    {"cli"},
    {"", "__main__"},
]

#: What errors import for the type of their messages alone.
CLIENT_EXCEPTIONS = {("errors", "wire")}


def test_imports_of_the_client_run_one_way() -> None:
    number = {name: place for place, names in enumerate(CLIENT_LAYERS) for name in names}
    assert {unit(module) for module in CLIENT_MODULES} == number.keys()
    inside = {
        (unit(module), name.split(".")[1])
        for module in CLIENT_MODULES
        for name in imports(module, CLIENT)
        if name.startswith("algomancy_client.")
    }
    upwards = {
        (one, other) for one, other in inside if number[other] > number[one] or {one, other} == {"_async", "_sync"}
    }
    assert upwards - CLIENT_EXCEPTIONS == set()


def test_the_client_does_without_the_server_and_needs_two_packages() -> None:
    named = {name.partition(".")[0] for module in CLIENT_MODULES for name in imports(module, CLIENT)}
    # Those of extras are there for types alone, and typing_extensions as well.
    others = named - sys.stdlib_module_names - {"algomancy_client", "pandas", "typing_extensions"}
    assert others == {"httpx", "msgspec"}


def test_the_client_reads_the_environment_for_its_settings_alone() -> None:
    words = {"environ", "environb", "getenv", "getenvb"}
    read = {module for module, path in CLIENT_MODULES.items() if names(ast.parse(path.read_text())) & words}
    assert read == {"settings"}


def test_dask_is_imported_for_its_engine_alone() -> None:
    """It takes a second; a child of its workers does without it, too."""
    program = (
        "import sys; from algomancy_api import ApiLauncher; from tests.support import wiring;"
        "import algomancy_api.engines.dask.packed_values;"
        "ApiLauncher.build(wiring.configuration(engine='process')); sys.exit('distributed' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, check=False).returncode == 0  # noqa: S603


def test_a_server_that_counts_no_requests_does_without_what_counts_them() -> None:
    program = (
        "import sys; from algomancy_api import ApiLauncher; from benchmarks.served.wiring import configuration;"
        "ApiLauncher.build(configuration()); sys.exit('throttled' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, check=False).returncode == 0  # noqa: S603


def test_a_server_without_a_database_does_without_sqlalchemy() -> None:
    """It takes half a second to import, and as much memory as all of this package."""
    program = (
        "import sys; from algomancy_api import ApiLauncher; from benchmarks.served.wiring import configuration;"
        "ApiLauncher.build(configuration()); sys.exit('sqlalchemy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=PACKAGE.parent, check=False).returncode == 0  # noqa: S603
