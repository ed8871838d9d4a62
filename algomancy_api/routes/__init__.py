"""The handlers: decode, one call, respond. Each module ends with its table of routes."""
