"""How deeply lists and objects lie in one another in a JSON text."""

import re

#: A string, in which no bracket counts, or a bracket. Possessive: an open string costs one pass, and no search.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)

_STEPS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def nests_deeper(document: bytes, most: float) -> bool:
    """Whether there are more than ``most`` around one another; of what is not JSON, the answer means nothing."""
    if document.count(b"[") + document.count(b"{") <= most:
        return False
    depth = 0
    for token in _TOKENS.finditer(document):
        depth += _STEPS.get(token[0], 0)
        if depth > most:
            return True
    return False
