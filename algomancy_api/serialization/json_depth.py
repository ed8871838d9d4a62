"""The nesting depth of a JSON text."""

import re

#: A string, whose brackets do not count, or a bracket. Possessive quantifiers: an unclosed string costs one pass and no
#: backtracking.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)

_STEPS = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def nests_deeper(document: bytes, most: float) -> bool:
    """Whether lists and objects are nested more than ``most`` levels deep; undefined for invalid JSON."""
    if document.count(b"[") + document.count(b"{") <= most:
        return False
    depth = 0
    for token in _TOKENS.finditer(document):
        depth += _STEPS.get(token[0], 0)
        if depth > most:
            return True
    return False
