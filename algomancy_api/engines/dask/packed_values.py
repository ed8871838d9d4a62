"""Values as their frames, forwarded without unpickling.

Only the server and the child pickle and unpickle a job, its dataset and its result. The scheduler and the worker
between them forward the frames: they need not import the user's modules, and never unpickle 100 MB on an event loop.
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
        kinds: The kinds of the frames; the last one is `Kind.VALUE`.
        contents: The contents of the frames.
    """

    def __init__(self, kinds: Sequence[int], contents: Sequence[Bytes]) -> None:
        self.kinds = [int(kind) for kind in kinds]
        self.contents = list(contents)

    def __reduce_ex__(self, protocol: Any) -> Any:  # noqa: ANN401 - pickle's own
        # A child gets the buffers without a copy. Dask also pickles with older protocols, which have no buffers.
        buffer = pickle.PickleBuffer if protocol >= 5 else bytes
        return PackedValue, (self.kinds, [buffer(content) for content in self.contents])

    def __sizeof__(self) -> int:
        """The size of the contents in bytes, for Dask's statistics of a worker's memory."""
        return sum(memoryview(content).nbytes for content in self.contents)

    @classmethod
    def of(cls, name: str, value: object) -> Self:
        """A value, packed.

        Args:
            name: The name of the value in error messages.
            value: The value.

        Raises:
            NotPicklable: A part of the value cannot be pickled.
        """
        frames = list(pieces(name, value))
        return cls([kind for kind, _ in frames], [content for _, content in frames])

    def unpacked(self) -> Any:  # noqa: ANN401 - whatever was packed
        """The value, unpickled."""
        received = ReceivedValues()
        *frames, (_, skeleton) = zip(self.kinds, map(_writable, self.contents), strict=True)
        for kind, content in frames:
            received.add(Kind(kind), content)
        return received.value(skeleton)


class ValuePacker(ReceivedValues):
    """Collects the frames of a value without unpickling them."""

    def __init__(self) -> None:
        super().__init__()
        self._frames: list[tuple[Kind, Bytes]] = []

    def add(self, kind: Kind, content: Bytes) -> None:
        """Take a frame before the last one."""
        self._frames.append((kind, content))

    def value(self, skeleton: Bytes) -> PackedValue:
        """The packed value, from its last frame."""
        frames = [*self._frames, (Kind.VALUE, skeleton)]
        return PackedValue([kind for kind, _ in frames], [content for _, content in frames])


@dataclass(frozen=True)
class PackedJob:
    """A run of an algorithm on a dataset, both packed until the child calls this."""

    job: PackedValue
    data: PackedValue

    @staticmethod
    def without_data(job: AlgorithmJob) -> PackedValue:
        """A packed job without its dataset, which is sent separately."""
        no_data: Any = None
        return PackedValue.of("", replace(job, data=no_data))

    def __call__(self, report: Report) -> Any:  # noqa: ANN401 - the algorithm's own
        """The algorithm's result.

        Raises:
            EngineError: A module of the algorithm or the dataset cannot be imported.
        """
        try:
            job, data = self.job.unpacked(), self.data.unpacked()
        except (ImportError, AttributeError) as error:
            raise EngineError(f"The Dask worker cannot import the algorithm or its dataset: {error}") from error
        return replace(job, data=data)(report)


def _writable(content: Bytes) -> Bytes:
    # The arrays of a dataset use this memory, and an algorithm may change them.
    return bytearray(content) if memoryview(content).readonly else content
