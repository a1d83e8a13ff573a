"""One lab at a time, where several would work on the same files of LAB_HOME."""

import contextlib
import fcntl


@contextlib.contextmanager
def held(path):
    """Waits for the lock file at `path` and holds it; the kernel lets go of it in any event."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
