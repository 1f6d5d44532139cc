"""A disk for the state folder alone, which can be full or read-only for root as well as for anybody else.

The kernel itself refuses the writes: a small file system in a namespace of the command's own, which is gone with it.
Works without any privilege wherever user namespaces are allowed.
"""

import subprocess
from pathlib import Path

from tests.journeys.desk import PATIENCE_S, Answer, Desk
from tests.journeys.service import eventually

FILLER = "somebody-elses-file"
_SCRIPT = f"""
set -e
state=$1 disk=$2 fill=$3 how=$4
shift 4
mount -t tmpfs -o size=64m tmpfs "$disk"
cp -a "$state/." "$disk"
mount --bind "$disk" "$state"
set +e
fill() {{ dd if=/dev/zero of="$disk/{FILLER}" bs=64k 2> /dev/null; }}
watcher=
case $how in
full) fill ;;
read-only) mount -o remount,bind,ro "$state" ;;
roomy)
  {{ until [ -e "$fill" ]; do sleep 0.02; done; fill; : > "$fill.done"; }} &
  watcher=$!
  ;;
esac
"$@"
code=$?
[ -z "$watcher" ] || kill "$watcher" 2> /dev/null
umount "$state"
rm -f "$disk/{FILLER}"
cp -a "$disk/." "$state"
exit $code
"""


class Disk:
    """The state folder of a desk, on a disk of its own for the length of one command; what was written is kept.

    how: roomy, full or read-only. `fill` takes all the room that is left on a roomy one in use, at any moment.
    """

    def __init__(self, desk: Desk, how: str = "roomy") -> None:
        self._desk = desk
        self._how = how
        self._fill = desk.folder / "fill-the-disk"
        self._disk = desk.folder / "disk"
        self._disk.mkdir(exist_ok=True)
        self._is_full = desk.folder / "fill-the-disk.done"
        for file in (self._fill, self._is_full):
            file.unlink(missing_ok=True)

    @property
    def state(self) -> Path:
        return self._desk.folder / "state"

    def fill(self) -> None:
        self._fill.touch()
        eventually(self._is_full.exists)

    def start(self, *words: object) -> "subprocess.Popen[str]":
        inside = [
            "sh",
            "-c",
            _SCRIPT,
            "sh",
            str(self.state),
            str(self._desk.folder / "disk"),
            str(self._fill),
            self._how,
        ]
        command = ["unshare", "--user", "--map-root-user", "--mount", *inside, *self._desk.installed(*words)]
        return subprocess.Popen(
            command, env=self._desk.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *words: object) -> Answer:
        return answer_of(self.start(*words))


def answer_of(process: "subprocess.Popen[str]") -> Answer:
    out, err = process.communicate(timeout=PATIENCE_S)
    return Answer(process.returncode, out, err)
