"""Values that are passed on unopened.

A job, its dataset and its result cross as frames that only the server and the child make or open. What lies between,
the scheduler and the worker, need not know the user's modules, and never unpickles 100 MB on its event loop.
"""

import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from ..process.errors import EngineError
from ..process.jobs import AlgorithmJob
from ..process.transport.frames import Bytes, Kind
from ..process.transport.values import ReceivedValues, pieces
from ..wrapped_algorithms import Report


class PackedValue:
    """A value as its frames.

    Args:
        kinds: What each frame is; the last is the value itself.
        contents: What each frame holds.
    """

    def __init__(self, kinds: Sequence[int], contents: Sequence[Bytes]) -> None:
        self.kinds = [int(kind) for kind in kinds]
        self.contents = list(contents)

    def __reduce_ex__(self, protocol: Any) -> Any:  # noqa: ANN401 - pickle's own
        # Buffers go to a child as they are; the oldest pickles, which Dask makes, have no words for them.
        packed = pickle.PickleBuffer if protocol >= 5 else bytes
        return PackedValue, (self.kinds, [packed(content) for content in self.contents])

    def __sizeof__(self) -> int:
        """How many bytes it holds, which Dask asks to know what a worker's memory holds."""
        return sum(memoryview(content).nbytes for content in self.contents)

    @classmethod
    def of(cls, name: str, value: object) -> Self:
        """A value, packed.

        Args:
            name: What a path to a part of the value begins with.
            value: The value.

        Raises:
            NotPicklable: A part of it cannot leave this process.
        """
        frames = list(pieces(name, value))
        return cls([kind for kind, _ in frames], [content for _, content in frames])

    def opened(self) -> Any:  # noqa: ANN401 - whatever was put in
        """The value."""
        arrival = ReceivedValues()
        *frames, (_, skeleton) = zip(self.kinds, map(_writable, self.contents), strict=True)
        for kind, content in frames:
            arrival.add(Kind(kind), content)
        return arrival.value(skeleton)


class ValuePacker(ReceivedValues):
    """Takes the frames of a value, and leaves them as they are."""

    def __init__(self) -> None:
        super().__init__()
        self._frames: list[tuple[Kind, bytearray]] = []

    def add(self, kind: Kind, content: bytearray) -> None:
        """Take one of the frames before the last."""
        self._frames.append((kind, content))

    def value(self, skeleton: bytearray) -> PackedValue:
        """The value as a parcel, from its last frame."""
        frames = [*self._frames, (Kind.VALUE, skeleton)]
        return PackedValue([kind for kind, _ in frames], [content for _, content in frames])


@dataclass(frozen=True)
class PackedJob:
    """An algorithm over a dataset, both packed: the child opens them."""

    job: PackedValue
    data: PackedValue

    @staticmethod
    def without_data(job: AlgorithmJob) -> PackedValue:
        """The parcel of a job whose dataset goes apart."""
        nothing: Any = None
        return PackedValue.of("", replace(job, data=nothing))

    def __call__(self, report: Report) -> Any:  # noqa: ANN401 - whatever the algorithm gives
        """The algorithm's result.

        Raises:
            EngineError: What is to be run is not to be found here.
        """
        try:
            job, data = self.job.opened(), self.data.opened()
        except (ImportError, AttributeError) as error:
            raise EngineError(f"The Dask worker cannot import what it is to run: {error}") from error
        return replace(job, data=data)(report)


def _writable(content: Bytes) -> bytearray:
    # The arrays of a dataset lie in these very bytes, and an algorithm may change them.
    return content if isinstance(content, bytearray) else bytearray(content)
