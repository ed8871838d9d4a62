"""What a server has that a load can be put on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from yarl import URL

from .api import Api, Refused, beneath
from .document import Document
from .plan import LoadError, Plan, UsageError

#: A larger dataset is not sent to and fro, in bytes.
_LARGEST_UPLOAD = 64 * 2**20

#: What can be done about an answer, by its status.
_HINTS = {
    **dict.fromkeys((401, 403), "If it wants a token, give one with --token"),
    **dict.fromkeys((301, 302, 303, 307, 308), "Give the URL that it leads to"),
}


class _Health(Struct):
    status: str


class _Session(Struct):
    id: str
    display_name: str


class _Sessions(Struct):
    sessions: list[_Session]
    default: str


class _Scenario(Struct):
    id: str


class _Datasets(Struct):
    keys: list[str]


class _Algorithms(Struct):
    algorithms: list[str]


class _Parameter(Struct):
    required: bool
    value: Any


class _Parameters(Struct):
    parameters: list[_Parameter]


@dataclass(frozen=True)
class Target:
    """What the load is put on.

    Attributes:
        session: The address of the session that is read.
        name: What people call it.
        reads: The addresses that can be read, by their sort.
        dataset: The key of the dataset that runs and uploads use.
        algorithm: The name of the algorithm that runs use.
        document: What uploads send; None if there are to be none.
    """

    session: URL
    name: str
    reads: Mapping[str, Sequence[URL]]
    dataset: str
    algorithm: str
    document: Document | None


async def discover(api: Api, plan: Plan) -> Target:
    """What a server has of what the plan needs.

    Raises:
        UsageError: It is not the API, or has not what the plan needs.
        LoadError: It does not answer, or not well.
    """
    await _check_root(api)
    found = await _session(api, plan)
    session = beneath(api.sessions, found.id)
    dataset = await _dataset(api, plan, session, found) if plan.writes else ""
    return Target(
        session=session,
        name=found.display_name,
        reads=_reads(api, session, await api.get(session / "scenarios", list[_Scenario])),
        dataset=dataset,
        algorithm=await _algorithm(api, plan, session) if "runs" in plan.mix else "",
        document=await _document(api, session, dataset) if "uploads" in plan.mix else None,
    )


def _reads(api: Api, session: URL, scenarios: Sequence[_Scenario]) -> dict[str, list[URL]]:
    in_full = [beneath(session, "scenarios", scenario.id) for scenario in scenarios]
    return {
        "health": [api.health],
        "sessions": [api.sessions],
        "algorithms": [session / "algorithms"],
        "kpis": [session / "kpis"],
        "data": [session / "data"],
        "scenarios": [session / "scenarios"],
        "scenario": in_full,
        "status": [scenario / "status" for scenario in in_full],
    }


async def _check_root(api: Api) -> None:
    try:
        await api.get(api.health, _Health)
    except Refused as refused:
        raise _hinted(refused, "URL must be the root of the app, without its prefix") from None


async def _session(api: Api, plan: Plan) -> _Session:
    try:
        listed = await api.get(api.sessions, _Sessions)
    except Refused as refused:
        raise _hinted(refused, "Is --prefix right?") from None
    wanted = plan.session or listed.default
    for session in listed.sessions:
        if wanted in (session.id, session.display_name):
            return session
    raise UsageError(f"no session {wanted!r}; there are: {_listing([s.display_name for s in listed.sessions])}")


async def _dataset(api: Api, plan: Plan, session: URL, found: _Session) -> str:
    keys = (await api.get(session / "data", _Datasets)).keys
    if not keys:
        raise UsageError(f"session {found.display_name!r} has no dataset: upload one, or choose another with --session")
    return _chosen("dataset", plan.dataset, keys) or keys[0]


async def _algorithm(api: Api, plan: Plan, session: URL) -> str:
    names = (await api.get(session / "algorithms", _Algorithms)).algorithms
    if chosen := _chosen("algorithm", plan.algorithm, names):
        return chosen
    for name in names:
        parameters = (await api.get(beneath(session, "algorithms", name, "parameters"), _Parameters)).parameters
        if all(parameter.value is not None or not parameter.required for parameter in parameters):
            return name
    raise UsageError(f"no algorithm runs with the values that its parameters begin with: {_listing(names)}")


async def _document(api: Api, session: URL, dataset: str) -> Document:
    text = await api.call("GET", beneath(session, "data", dataset), most=_LARGEST_UPLOAD)
    if len(text) > _LARGEST_UPLOAD:
        raise UsageError(
            f"dataset {dataset!r} is larger than {_LARGEST_UPLOAD >> 20} MiB: choose another with --dataset"
        )
    try:
        return Document(text)
    except ValueError as error:
        raise UsageError(f"dataset {dataset!r} cannot be sent back under another name: {error}") from error


def _hinted(refused: Refused, if_not_found: str) -> LoadError:
    """The same with what the user can do about it, if anything."""
    hint = (_HINTS | {404: if_not_found}).get(refused.status)
    return UsageError(f"{refused}. {hint}") if hint else refused


def _chosen(what: str, wanted: str | None, names: list[str]) -> str | None:
    if wanted is not None and wanted not in names:
        raise UsageError(f"no {what} {wanted!r}; there are: {_listing(names)}")
    return wanted


def _listing(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more
