"""A module that starts a thread on import, as some libraries do."""

import threading

threading.Thread(target=threading.Event().wait, daemon=True).start()

import atexit  # noqa: E402, F401 - the import that comes next is not to blame
