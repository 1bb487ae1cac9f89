"""The process in which patterns meet hostile text; the standard library alone, run as a file.

A regular expression may take longer than the universe has, and Python's cannot be told to stop: nothing
else runs in a process while one does. The kernel ends this one, whatever becomes of its parent.

The first line that it reads are the patterns, each further one texts; it answers with a line that
holds, for each text and each pattern, where it was found. All of it is JSON.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from itertools import islice

SECONDS = 2.0
"""Time for one line of texts."""

MOST = 100
"""Places told of one pattern in one text."""


def main() -> None:
    """Answer until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    patterns = [re.compile(pattern, re.IGNORECASE) for pattern in json.loads(sys.stdin.readline())]
    for line in sys.stdin:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        answer = [
            [
                [match.span() for match in islice(pattern.finditer(text), MOST)]
                for pattern in patterns
            ]
            for text in json.loads(line)
        ]
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
