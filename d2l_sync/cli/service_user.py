"""Who a command runs as: root becomes the user whom the state belongs to, so that no file of root's is in the way."""

import os
import pwd
from pathlib import Path


def become_owner(directory: Path) -> None:
    """Let go of root for good, in favour of the owner of the state directory.

    Nothing happens to anybody else, where the directory is root's own, and while there is none. What only root may
    read (secrets, files named on the command line) has to be read before; standard input and output stay open.
    """
    if os.geteuid() != 0 or not directory.is_dir():
        return
    found = directory.stat()
    if found.st_uid == 0:
        return
    # The audit trail goes on naming whoever gave the command.
    os.environ.setdefault("LOGNAME", pwd.getpwuid(os.getuid()).pw_name)
    try:
        owner = pwd.getpwuid(found.st_uid)
    except KeyError:
        os.setgroups([])
        os.setgid(found.st_gid)
    else:
        os.initgroups(owner.pw_name, owner.pw_gid)
        os.setgid(owner.pw_gid)
        os.environ["HOME"] = owner.pw_dir
    os.setuid(found.st_uid)
