"""Parcels as Dask carries them: as the buffers that they are, where its pickles would copy them several times."""

from typing import Any

from distributed.protocol.serialize import dask_deserialize, dask_serialize

from .packed_values import PackedValue


class SerializedValue(PackedValue):
    """A parcel on its way between the server and a worker. A child gets a `PackedValue`, for which it needs no Dask."""

    @classmethod
    def of_parcel(cls, parcel: PackedValue) -> SerializedValue:
        """A parcel, to be shipped."""
        return cls(parcel.kinds, parcel.contents)


@dask_serialize.register(SerializedValue)  # type: ignore[untyped-decorator, no-untyped-call]
def _frames(shipment: SerializedValue) -> tuple[dict[str, Any], list[Any]]:
    return {"kinds": shipment.kinds}, shipment.contents


@dask_deserialize.register(SerializedValue)  # type: ignore[untyped-decorator, no-untyped-call]
def _shipment(header: dict[str, Any], frames: list[Any]) -> SerializedValue:
    return SerializedValue(header["kinds"], frames)
