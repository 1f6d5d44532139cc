"""A warm interpreter without threads: takes jobs as JSON lines, forks what they need, and answers with reports."""

import gc
import json
import sys

from tests.crashlab.history import Job, run


def main() -> None:
    gc.freeze()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(Job(**json.loads(line))).as_json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
