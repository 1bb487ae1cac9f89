"""The process of one local model: llama.cpp's own server on a Unix socket, until stdin ends.

Started by ``sandbox.models.engine_process`` as ``python -m sandbox.models.llama_child GGUF SOCKET
CONTEXT``; says ``ready`` on stdout when it listens. Its stdin is a pipe that only the house holds:
when the house is gone, by whatever cause, the pipe ends, and so does this process.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Final

__all__ = ["main"]

PROMPT_CACHE_MIB: Final = 256
"""Memory for prompts of agents that share the model: a switch between them costs a copy, not a
reading from the start. 2,000 tokens take 46 MiB of SmolLM2 and 24 MiB of Qwen."""


def main(weights: str, socket: str, context: str) -> None:
    """Load the weights, serve, wait for the end of stdin, and leave nothing behind."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the house's to handle
    import xllamacpp  # only here: the house itself never loads it

    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.n_ctx = int(context)
    params.n_parallel = 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.offline = True
    params.verbosity = 0
    params.hostnames = [socket]
    server = xllamacpp.Server(params)
    print("ready", server.listening_address, flush=True)  # noqa: T201 - what the house waits for
    sys.stdin.buffer.read()
    shutil.rmtree(Path(socket).parent, ignore_errors=True)
    os._exit(0)  # llama.cpp's threads may still be at work for nobody


if __name__ == "__main__":
    main(*sys.argv[1:])
