"""Pickle with additions for the framework's parameters, files and large tables."""

import copyreg
import io
import pickle
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from algomancy_data import File
from algomancy_utils.baseparameterset import BaseParameterSet
from pandas.arrays import ArrowExtensionArray

from .frames import Bytes

#: Items: larger arrays of objects are pickled in parts, since one call for all holds the interpreter for long.
MAX_ITEMS = 5_000

#: Bytes: smaller buffers stay in the pickle, since a frame of their own does not pay.
_MIN_BUFFER = 4_096


class Pickler(pickle.Pickler):
    """Pickles a value; large buffers and large arrays of objects go into separate lists.

    Args:
        file: Gets the pickle.
        buffers: Gets the buffers.
        arrays: Gets the arrays of objects; None leaves them in the pickle.
    """

    def __init__(
        self, file: io.BytesIO, buffers: list[pickle.PickleBuffer], arrays: list[np.ndarray] | None = None
    ) -> None:
        super().__init__(file, protocol=5, buffer_callback=self._is_small)
        self._buffers = buffers
        self._arrays = arrays

    def _is_small(self, buffer: pickle.PickleBuffer) -> bool:
        if memoryview(buffer).nbytes < _MIN_BUFFER:
            return True
        self._buffers.append(buffer)
        return False

    def reducer_override(self, value: Any) -> Any:  # noqa: ANN401 - pickle's own
        """The function and arguments that rebuild a value; NotImplemented for pickle's default."""
        if type(value) is np.ndarray:
            return self._reduced_array(value)
        if isinstance(value, ArrowExtensionArray) and _is_whole(value.__arrow_array__()):
            return copyreg.__newobj__, (type(value),), vars(value) | {"_cache": {}}  # type: ignore[attr-defined]
        if isinstance(value, BaseParameterSet):
            return _parameters, (type(value), value.name, value._parameters)
        if isinstance(value, File) and isinstance(value.content, str):
            text = pickle.PickleBuffer(value.content.encode("utf-8", "surrogatepass"))
            return _file, (type(value), vars(value) | {"content": None}, text)
        return NotImplemented

    def _reduced_array(self, array: np.ndarray) -> Any:  # noqa: ANN401 - pickle's own
        if self._arrays is None or array.dtype != object or array.size <= MAX_ITEMS:
            return NotImplemented
        self._arrays.append(array)
        return _array, (len(self._arrays) - 1,)


class Unpickler(pickle.Unpickler):
    """Rebuilds a value from its pickle, buffers and arrays."""

    def __init__(self, content: Bytes, buffers: Sequence[Bytes], arrays: list[np.ndarray]) -> None:
        super().__init__(io.BytesIO(content), buffers=buffers)
        self._arrays = arrays

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - pickle's own
        """A class or function by name; `_array` looks up the arrays of this value."""
        if (module, name) == (__name__, _array.__name__):
            return self._arrays.__getitem__
        return super().find_class(module, name)


def dumped(value: object, buffers: list[pickle.PickleBuffer], arrays: list[np.ndarray] | None = None) -> bytes:
    """The pickle of a value; the lists get its buffers and arrays as those of `Pickler` do."""
    file = io.BytesIO()
    Pickler(file, buffers, arrays).dump(value)
    return file.getvalue()


def _is_whole(array: pa.ChunkedArray) -> bool:
    """Whether an array is all that its buffers hold. Others are copied by pandas, which takes long for large ones."""
    if array.num_chunks != 1:
        return False
    [chunk] = array.chunks
    return bool(chunk.offset == 0 and chunk.get_total_buffer_size() <= chunk.nbytes + _MIN_BUFFER)


def _array(index: int) -> np.ndarray:
    raise NotImplementedError(f"Array {index} can be loaded by `Unpickler` only")


def _parameters(kind: Callable[[], BaseParameterSet], name: str, parameters: dict[str, Any]) -> BaseParameterSet:
    # The framework overrides `__dict__` with a method, so pickle cannot read the attributes.
    rebuilt = kind()
    rebuilt.name = name
    rebuilt._parameters = parameters
    return rebuilt


def _file(kind: type[File], state: dict[str, Any], text: bytearray) -> File:
    file = kind.__new__(kind)
    vars(file).update(state | {"content": str(memoryview(text), "utf-8", "surrogatepass")})
    return file
