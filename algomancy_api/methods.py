"""HTTP methods, in sets that several modules decide by."""

#: Safe methods (RFC 9110, section 9.2.1): their requests change nothing, and no handler reads their bodies.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
