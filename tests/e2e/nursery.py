"""Forks lives of ``backrooms`` from one process that has imported everything: a start costs little.

Reads orders, a JSON object a line: ``folder`` (to play in), ``argv``, and ``out`` (where the output goes). For each
it prints the pid, and the status once the life is over.
"""

import json
import os
import sys
import traceback

import sandbox.commands.live
import sandbox.commands.resume
import sandbox.commands.run
import sandbox.console.pipe
import sandbox.engine.play
import sandbox.models.scripted
import sandbox.scenario.explain  # noqa: F401
from sandbox.cli import main


def live(folder: str, argv: list[str], out: str) -> int:
    os.chdir(folder)
    fd = os.open(out, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(fd, stream)
    os.close(fd)
    sys.stdout, sys.stderr = (os.fdopen(n, "w", closefd=False) for n in (1, 2))
    return main(argv)


for line in sys.stdin:
    order = json.loads(line)
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = live(**order)
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(code)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
