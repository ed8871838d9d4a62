"""The Dask serialization of packed values: as raw buffers, since Dask's pickles would copy them several times."""

from typing import Any

from distributed.protocol.serialize import dask_deserialize, dask_serialize

from ..options import Usage
from .packed_values import PackedValue


class SerializedValue(PackedValue):
    """A packed value sent between server and worker. A child gets a `PackedValue`, so that it need not import Dask.

    Attributes:
        usage: Of a result: what the run has used.
    """

    usage: Usage | None = None

    @classmethod
    def of_packed(cls, packed: PackedValue, usage: Usage | None = None) -> SerializedValue:
        """The same value, for Dask."""
        value = cls(packed.kinds, packed.contents)
        value.usage = usage
        return value


@dask_serialize.register(SerializedValue)  # type: ignore[untyped-decorator, no-untyped-call]
def _serialized(value: SerializedValue) -> tuple[dict[str, Any], list[Any]]:
    return {"kinds": value.kinds, "usage": value.usage and list(value.usage)}, value.contents


@dask_deserialize.register(SerializedValue)  # type: ignore[untyped-decorator, no-untyped-call]
def _deserialized(header: dict[str, Any], frames: list[Any]) -> SerializedValue:
    usage = header["usage"]
    return SerializedValue.of_packed(PackedValue(header["kinds"], frames), usage and Usage(*usage))
