"""Pickle, with the words that it lacks for the framework's parameters, files and large tables."""

import io
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from algomancy_data import File
from algomancy_utils.baseparameterset import BaseParameterSet

#: Arrays of more objects than this go apart: pickling one at a go holds the interpreter for long.
MOST_ITEMS = 5_000

#: A buffer below this many bytes is not worth a frame of its own.
_SMALL = 4_096


class Pickler(pickle.Pickler):
    """Pickles a value; large buffers and large arrays of objects go into lists beside it.

    Args:
        file: Where to.
        buffers: Takes the buffers.
        arrays: Takes the arrays of objects; None leaves them in.
    """

    def __init__(
        self, file: io.BytesIO, buffers: list[pickle.PickleBuffer], arrays: list[np.ndarray] | None = None
    ) -> None:
        super().__init__(file, protocol=5, buffer_callback=self._is_small)
        self._buffers = buffers
        self._arrays = arrays

    def _is_small(self, buffer: pickle.PickleBuffer) -> bool:
        if memoryview(buffer).nbytes < _SMALL:
            return True
        self._buffers.append(buffer)
        return False

    def reducer_override(self, value: Any) -> Any:  # noqa: ANN401 - pickle's own
        """How a value is put together again; NotImplemented leaves that to pickle."""
        if type(value) is np.ndarray:
            return self._reduced_array(value)
        if isinstance(value, BaseParameterSet):
            return _parameters, (type(value), value.name, value._parameters)
        if isinstance(value, File) and isinstance(value.content, str):
            text = pickle.PickleBuffer(value.content.encode("utf-8", "surrogatepass"))
            return _file, (type(value), vars(value) | {"content": None}, text)
        return NotImplemented

    def _reduced_array(self, array: np.ndarray) -> Any:  # noqa: ANN401 - pickle's own
        if self._arrays is None or array.dtype != object or array.size <= MOST_ITEMS:
            return NotImplemented
        self._arrays.append(array)
        return _array, (len(self._arrays) - 1,)


class Unpickler(pickle.Unpickler):
    """Puts a value together again from its pickle and what has gone apart."""

    def __init__(self, content: bytes | bytearray, buffers: list[bytearray], arrays: list[np.ndarray]) -> None:
        super().__init__(io.BytesIO(content), buffers=buffers)
        self._arrays = arrays

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401 - pickle's own
        """A class or function; the arrays are those of this value."""
        if (module, name) == (__name__, _array.__name__):
            return self._arrays.__getitem__
        return super().find_class(module, name)


def dumped(value: object, buffers: list[pickle.PickleBuffer], arrays: list[np.ndarray] | None = None) -> bytes:
    """A value pickled, with what goes apart in the lists."""
    file = io.BytesIO()
    Pickler(file, buffers, arrays).dump(value)
    return file.getvalue()


def _array(index: int) -> np.ndarray:
    raise NotImplementedError(f"array {index} is known to the unpickler alone")


def _parameters(kind: Callable[[], BaseParameterSet], name: str, parameters: dict[str, Any]) -> BaseParameterSet:
    # Its `__dict__` is a method of the framework's: neither pickle nor anybody else can see what it holds.
    made = kind()
    made.name = name
    made._parameters = parameters
    return made


def _file(kind: type[File], state: dict[str, Any], text: bytearray) -> File:
    file = kind.__new__(kind)
    vars(file).update(state | {"content": str(memoryview(text), "utf-8", "surrogatepass")})
    return file
