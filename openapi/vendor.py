"""Script that replaces ``swagger-ui/`` with files of the npm package ``swagger-ui-dist``. It needs npm.

Usage: python openapi/vendor.py [VERSION]    (default: the newest)
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

TARGET = Path(__file__).with_name("swagger-ui")

#: Files that the page needs and that the licence requires. The rest of the package is left out, source maps too.
FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "LICENSE", "NOTICE")


def main() -> int:
    """Download and unpack the package, and write its version and checksums."""
    version = sys.argv[1] if len(sys.argv) > 1 else "latest"
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / _pack(version, folder)
        with tarfile.open(package) as archive:
            archive.extractall(folder, filter="data")
        _renew(Path(folder) / "package")
    return 0


def _pack(version: str, folder: str) -> str:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is needed to fetch swagger-ui-dist: install Node.js")
    command = [npm, "pack", f"swagger-ui-dist@{version}", "--json", "--pack-destination", folder]
    result = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603
    name: str = json.loads(result.stdout)[0]["filename"]
    return name


def _renew(package: Path) -> None:
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    for name in FILES:
        shutil.copyfile(package / name, TARGET / name)
    version = json.loads((package / "package.json").read_text())["version"]
    (TARGET / "VERSION").write_text(f"swagger-ui-dist {version}\n")
    sums = [f"{hashlib.sha256((TARGET / name).read_bytes()).hexdigest()}  {name}\n" for name in sorted(FILES)]
    (TARGET / "SHA256SUMS").write_text("".join(sums))


if __name__ == "__main__":
    sys.exit(main())
