"""What the fork server does once it has imported all other modules. It imports this one last, and nothing else does.

It finds the random number generators that its children inherit. It adopts what a run leaves behind, in whatever session
that is, so that the server finds it. When the server has died, however that was, it ends what is left, and removes the
server's folder.

It is in a process group of its own, and ignores the signals that end the server: it has work to do after those.
"""

import atexit
import os
import shutil
import signal
import warnings
from multiprocessing import forkserver
from pathlib import Path

from . import orphans
from .setup import environment, generators


def _end_all() -> None:
    own = os.getpid()
    orphans.end(lambda: [one for one in orphans.children_of(own) if one.group != own])
    folder = Path(forkserver._forkserver._forkserver_address).parent  # type: ignore[attr-defined]
    if folder.name.startswith(environment.FOLDERS):
        shutil.rmtree(folder, ignore_errors=True)
        Path(f"{folder}.lock").unlink(missing_ok=True)


os.setpgid(0, 0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
orphans.adopt_orphans()
warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")  # those that were adopted
generators.keep_inherited()
atexit.register(_end_all)
