"""Time zones as lists of plain values: the same kind of time zone comes back.

A named zone is kept by its name, so that its rules are those of the machine that reads it.
"""

from collections.abc import Callable
from datetime import timedelta, timezone, tzinfo
from importlib import import_module
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

from ..untrusted import check_file_name
from .errors import Refused, type_name

type Parts = list[Any]


def zone_parts(zone: tzinfo) -> Parts:
    """A time zone as plain values, for `zone_from_parts`.

    Raises:
        Refused: The type of time zone is unknown, or the zone cannot be looked up by its name.
    """
    try:
        parts = _parts(zone)
        kept = parts is not None and _same(zone_from_parts(parts), zone)
    except Exception as error:
        raise Refused(f"time zone {zone!r} of type {type_name(zone)} cannot be looked up: {error}") from error
    if parts is None or not kept:
        raise Refused(f"time zone {zone!r} of type {type_name(zone)}")
    return parts


def zone_from_parts(parts: Parts) -> tzinfo:
    """The time zone of `zone_parts`."""
    kind, *rest = parts
    if kind == "dateutil.gettz":
        check_file_name(*rest)
    zone: tzinfo = _KINDS[kind](*rest)
    return zone


def _same(restored: tzinfo, zone: tzinfo) -> bool:
    if type(restored) is not type(zone):
        return False
    return isinstance(zone, ZoneInfo) or restored == zone


def _parts(zone: tzinfo) -> Parts | None:
    if type(zone) is timezone:
        offset, name = zone.utcoffset(None), zone.tzname(None)
        named = name != timezone(offset).tzname(None)
        return ["fixed", offset.days, offset.seconds, offset.microseconds, name if named else None]
    if type(zone) is ZoneInfo:
        return None if zone.key is None else ["zoneinfo", zone.key]
    package = type(zone).__module__.partition(".")[0]
    return _BY_PACKAGE[package](zone) if package in _BY_PACKAGE else None


def _dateutil_parts(zone: Any) -> Parts | None:  # noqa: ANN401
    kind = type(zone).__name__
    if kind in {"tzutc", "tzlocal"}:
        return [f"dateutil.{kind}"]
    if kind == "tzoffset":
        offset = zone.utcoffset(None)
        return ["dateutil.tzoffset", zone.tzname(None), offset.total_seconds()]
    if kind == "tzstr":
        return ["dateutil.tzstr", zone._s]
    return ["dateutil.gettz", _dateutil_name(zone)] if kind == "tzfile" else None


def _dateutil_name(zone: Any) -> str:  # noqa: ANN401
    """The name of a zone, "Europe/Paris": dateutil knows its file, which is elsewhere on another machine."""
    gettz = import_module("dateutil.tz").gettz
    steps = PurePath(zone._filename).parts
    names = ["/".join(steps[start:]) for start in range(len(steps) - 1, 0, -1)]
    return next((name for name in names if gettz(name) == zone), str(zone._filename))


def _pytz_parts(zone: Any) -> Parts | None:  # noqa: ANN401
    if zone.zone is None:
        return ["pytz.FixedOffset", zone._minutes]
    variants = getattr(zone, "_tzinfos", None)
    if not variants:
        return ["pytz", zone.zone]
    offset, saving, name = next(key for key, variant in variants.items() if variant is zone)
    return ["pytz.variant", zone.zone, offset.total_seconds(), saving.total_seconds(), name]


def _pytz_variant(zone: str, offset: float, saving: float, name: str) -> Any:  # noqa: ANN401
    """A zone of pytz has an object for each of its offsets; a time of day in summer has another than one in winter."""
    variants = import_module("pytz").timezone(zone)._tzinfos
    return variants[timedelta(seconds=offset), timedelta(seconds=saving), name]


def _fixed(days: int, seconds: int, microseconds: int, name: str | None) -> timezone:
    offset = timedelta(days, seconds, microseconds)
    return timezone(offset) if name is None else timezone(offset, name)


def _of(module: str, name: str) -> Callable[..., Any]:
    """A function of a package that may not be installed."""

    def call(*arguments: object) -> Any:  # noqa: ANN401
        return getattr(import_module(module), name)(*arguments)

    return call


_BY_PACKAGE: dict[str, Callable[[Any], Parts | None]] = {"dateutil": _dateutil_parts, "pytz": _pytz_parts}

_KINDS: dict[str, Callable[..., Any]] = {
    "fixed": _fixed,
    "zoneinfo": ZoneInfo,
    "pytz": _of("pytz", "timezone"),
    "pytz.FixedOffset": _of("pytz", "FixedOffset"),
    "pytz.variant": _pytz_variant,
    **{f"dateutil.{name}": _of("dateutil.tz", name) for name in ("gettz", "tzlocal", "tzoffset", "tzstr", "tzutc")},
}
