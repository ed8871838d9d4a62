"""The Dask serialization of packed values: as raw buffers, since Dask's pickles would copy them several times."""

from typing import Any

from distributed.protocol.serialize import dask_deserialize, dask_serialize

from .packed_values import PackedValue


class SerializedValue(PackedValue):
    """A packed value sent between server and worker. A child gets a `PackedValue`, so that it need not import Dask."""

    @classmethod
    def of_packed(cls, packed: PackedValue) -> SerializedValue:
        """The same value, for Dask."""
        return cls(packed.kinds, packed.contents)


@dask_serialize.register(SerializedValue)  # type: ignore[untyped-decorator, no-untyped-call]
def _serialized(value: SerializedValue) -> tuple[dict[str, Any], list[Any]]:
    return {"kinds": value.kinds}, value.contents


@dask_deserialize.register(SerializedValue)  # type: ignore[untyped-decorator, no-untyped-call]
def _deserialized(header: dict[str, Any], frames: list[Any]) -> SerializedValue:
    return SerializedValue(header["kinds"], frames)
