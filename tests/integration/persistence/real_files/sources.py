"""Where the files are from: some are kept beside this module, the others are in packages that pip downloads."""

import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

HERE = Path(__file__).parent
KINDS = (".csv", ".json", ".xlsx")

#: Packages whose sources have files in tests or examples.
SOURCES = {
    "agate": "1.14.2",
    "agate-excel": "0.4.2",
    "csvkit": "2.2.0",
    "django-import-export": "4.4.3",
    "meza": "0.47.0",
    "petl": "1.7.30",
    "pyexcel": "0.7.6",
    "pyexcel-io": "0.6.8",
    "pyexcel-xlsx": "0.6.1",
    "tablib": "3.10.0",
    "xlsx2csv": "0.8.6",
}

#: Packages that install files.
WHEELS = {
    "bokeh-sampledata": "2026.1",
    "lifelines": "0.30.3",
    "plotnine": "0.15.9",
    "statsmodels": "0.15.0",
    "vega-datasets": "0.9.0",
}


def kept() -> dict[str, Path]:
    """The kept files, by a name of their own: kept/README.md says whose they are."""
    return _named(HERE / "kept")


def downloaded(folder: Path, largest: int) -> dict[str, Path]:
    """The files of all packages, by a name of their own.

    Args:
        folder: An empty folder, for the packages and the files.
        largest: Bytes: larger files are left out.

    Raises:
        subprocess.CalledProcessError: pip cannot download a package.
    """
    packages, files = folder / "packages", folder / "files"
    _download(packages)
    for package in sorted(packages.iterdir()):
        for member, content in _members(package, largest):
            path = files / "-".join(package.name.removesuffix(".tar.gz").split("-")[:2]) / member
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return _named(files)


def without_copies(files: Mapping[str, Path]) -> dict[str, Path]:
    """The files without those that have the content and kind of one before them."""
    seen: dict[tuple[str, bytes], str] = {}
    for name, path in files.items():
        seen.setdefault((path.suffix, path.read_bytes()), name)
    return {name: files[name] for name in seen.values()}


def _download(folder: Path) -> None:
    pip: list[str | Path] = [
        HERE.parents[3] / "tools/uv",
        "tool",
        "run",
        "--python",
        sys.executable,
        "pip@26.0",
        "download",
    ]
    options: list[str | Path] = ["--quiet", "--no-deps", "--disable-pip-version-check", "--dest", folder]
    pins = [f"{name}=={version}" for name, version in (SOURCES | WHEELS).items()]
    subprocess.run([*pip, *options, "--no-binary", ",".join(SOURCES), *pins], check=True)  # noqa: S603


def _members(package: Path, largest: int) -> Iterator[tuple[str, bytes]]:
    """The paths and contents of the files in a package."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as wheel:
            sizes = {entry.filename: entry.file_size for entry in wheel.infolist()}
            yield from ((name, wheel.read(name)) for name, size in sizes.items() if _is_wanted(name, size, largest))
        return
    with tarfile.open(package) as source:
        for entry in source:
            if entry.isfile() and _is_wanted(entry.name, entry.size, largest):
                yield entry.name.partition("/")[2], (source.extractfile(entry) or io.BytesIO()).read()


def _is_wanted(name: str, size: int, largest: int) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part.endswith(".egg-info") for part in path.parts)
    return path.suffix in KINDS and size <= largest and not hidden and ".." not in path.parts and not path.is_absolute()


def _named(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix in KINDS)
    return {" ".join(path.relative_to(folder).parts): path for path in paths}
