"""The memory that a process may still take before the kernel ends something.

Linux gives out more memory than there is, and kills a process when it is used: a server that waits for a `MemoryError`
waits in vain. So whoever is about to use much asks first. Swap does not count: a server that lives there is too slow.
"""

from collections.abc import Iterator
from math import inf
from pathlib import Path

#: Bytes: less is not worth a look at the system's files, which takes some 0.1 ms.
_LITTLE = 16 * 1024 * 1024

#: Where Linux keeps the sizes.
_ROOT = Path("/")

#: The folder of control groups that limit memory, and the names of their files: limit and use. Versions 2 and 1.
_VERSIONS = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}

#: The part of a group's use that the kernel takes back when it is needed: files in memory. By version 2 and 1.
_CACHES = {"inactive_file", "active_file"}, {"total_inactive_file", "total_active_file"}


def require(size: int) -> None:
    """Ask for memory before it is used.

    Args:
        size: Bytes. It is the least that the next step takes, so that nothing is refused that would work.

    Raises:
        MemoryError: There is less. What has been used so far is as it was.
    """
    if size >= _LITTLE and (free := free_memory(_ROOT)) < size:
        raise MemoryError(f"{size:,} bytes are needed, and {free:,.0f} are free")


def free_memory(root: Path) -> float:
    """Bytes that are free in the machine, and in each control group that this process is in.

    Args:
        root: The folder with ``proc`` and ``sys``.

    Returns:
        The least of them; infinite where the system does not say.
    """
    return min([_of_machine(root), *map(_of_group, _groups(root))])


def _of_machine(root: Path) -> float:
    return _numbers(root / "proc/meminfo").get("MemAvailable:", inf) * 1024


def _groups(root: Path) -> Iterator[tuple[Path, str, str]]:
    """The group of this process and those around it: its folder, and the files of limit and use.

    In a container the path may be that of the host; then the folder of the groups is the container's own.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for version in _VERSIONS.keys() & set(controllers.split(",")):
            folder, limit, use = _VERSIONS[version]
            top = root / folder
            group = top / path.lstrip("/")
            for each in (group, *group.parents):
                if each.is_relative_to(top):
                    yield each, limit, use


def _of_group(group: tuple[Path, str, str]) -> float:
    folder, limit, use = group
    try:
        most, used = float((folder / limit).read_text().replace("max", "inf")), int((folder / use).read_text())
    except OSError, ValueError:  # the root has no limit
        return inf
    sizes = _numbers(folder / "memory.stat")
    cached = max(sum(sizes.get(name, 0) for name in names) for names in _CACHES)
    return most - used + cached


def _numbers(path: Path) -> dict[str, int]:
    """The numbers of a file with a name and a number in each line."""
    try:
        lines = [line.split() for line in path.read_text().splitlines()]
    except OSError:
        return {}
    return {words[0]: int(words[1]) for words in lines if len(words) > 1 and words[1].isdigit()}
