"""The directory of one running lab, and the served tree in it or elsewhere."""

import os
import tempfile
from pathlib import Path

from .accounts import UID
from .errors import LabError

PASSABLE = 0o001


def handed_over(root, lab_dir):
    """Gives the tree at `root` to the lab's user and returns its real path.

    Below the machine's temporary directory and in LAB_DIR the lab changes owners and opens the
    way down itself. Elsewhere it changes nothing: a slip of the hand must not give /home away.
    """
    root = Path(os.path.realpath(root))
    if not root.is_dir():
        raise LabError(f"{root}: no such directory")
    ours = [Path(os.path.realpath(path)) for path in (lab_dir, tempfile.gettempdir(), "/tmp")]
    above = next((path for path in ours if path in root.parents), None)
    if above:
        _open_way(root, above)
        _chown(root)
    elif root.stat().st_uid != UID:
        raise LabError(
            f"{root}: neither below {tempfile.gettempdir()} or LAB_DIR nor owned by uid {UID}"
        )
    for directory in root.parents:
        if not directory.stat().st_mode & PASSABLE:
            raise LabError(f"{directory}: uid {UID} cannot pass")
    return root


def _open_way(root, above):
    for directory in root.parents:
        if directory == above:
            return
        mode = directory.stat().st_mode
        if not mode & PASSABLE:
            directory.chmod(mode | PASSABLE)


def _chown(root):
    mode = root.stat().st_mode
    # The anonymous account is somebody else, and it has to get in.
    root.chmod(mode | 0o055)
    os.chown(root, UID, UID)
    for directory, names, files in os.walk(root):
        for name in (*names, *files):
            os.lchown(os.path.join(directory, name), UID, UID)
