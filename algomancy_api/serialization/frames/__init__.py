"""Tables of pandas as Arrow IPC streams and back, exactly: values, dtypes, labels, index, order and attributes.

From the ground up:

- `errors`: what cannot be kept
- `timezones`: time zones
- `numpy_dtypes`: dtypes of numpy, and the bytes of numpy values
- `cells`: any Python value as tagged MessagePack
- `scalars`: the tags of values of numpy and pandas
- `forms`: the interface of the forms of arrays
- `plain`: arrays of numpy and pandas whose values lie in one buffer
- `objects`: arrays of any Python objects
- `composite`: arrays made of others, and arrays of other packages
- `labels`: indexes and their `freq`
- `stream`: the bytes of a stream, in batches of bounded size
- `frame`: `write_frame` and `read_frame`, and the arrays between them
"""

from .errors import Unkeepable
from .frame import EncodedFrame, decode_frame, encode_frame, read_frame, write_frame

__all__ = ["EncodedFrame", "Unkeepable", "decode_frame", "encode_frame", "read_frame", "write_frame"]
