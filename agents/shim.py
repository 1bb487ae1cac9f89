"""The house's hand in the box: takes limits on, says hello, answers what the house asks.

The guest starts it before anything else. It serves checks, snapshots and the operator, never an
agent's tool. When the house hangs up, or dies, the box ends.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

from agents import command, selfreport, started, workfolder
from agents import control_frames as frames

__all__ = ["start"]

AT_ONCE: Final = 8
"""Requests in work at a time; the next one waits in the socket."""
BODY_MOST: Final = 256 << 20
"""Bytes that may travel before one request: more is a fault of the house."""


def start(control: str, limits: Mapping[str, int], home: str, listener: int = -1) -> None:
    """Take the limits on, connect to the house, say hello, and come back when the house says begin.

    Until then nothing of the agent runs: the house looks at the box first. Answers come from a thread
    of its own. ``listener`` is what the filter of this box asks by: the house gets it, with the hello,
    and no copy stays here.

    ``limits`` are named as in ``setrlimit``: ``nproc``, ``nofile``, ``fsize``, ``as``, ``data``, ``core``;
    they hold for all that the agent starts, and nobody in the box can raise them.
    Raises OSError if the house does not listen at ``control``.
    """
    _limit(limits)
    link = socket.socket(socket.AF_UNIX)
    link.connect(control)
    begun = threading.Event()
    shim = _Shim(link, home, begun, listener)
    threading.Thread(target=shim.serve, name="shim", daemon=True).start()
    begun.wait()


def _limit(limits: Mapping[str, int]) -> None:
    import resource

    for name, value in {"core": 0, **limits}.items():
        kind = getattr(resource, f"RLIMIT_{name.upper()}")
        hard = resource.getrlimit(kind)[1]
        most = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (most, most))


class _Shim:
    """One control socket, and what is being answered on it."""

    def __init__(
        self, link: socket.socket, home: str, begun: threading.Event, listener: int
    ) -> None:
        self._link = link
        self._listener = listener
        self._home = home
        self._begun = begun
        self._writing = threading.Lock()
        self._free = threading.BoundedSemaphore(AT_ONCE)
        self._bodies: dict[int, bytearray] = {}
        self._groups: set[int] = set()

    def send(self, message: Mapping[str, Any], body: bytes = b"") -> None:
        """Write a message behind its parts; other answers may come between them."""
        for part in frames.parts(message.get("id", 0), body):
            self._write(part)
        self._write(frames.pack(message))

    def _write(self, frame: bytes) -> None:
        with self._writing:
            self._link.sendall(frame)

    def serve(self) -> None:
        """Say hello, answer until the house hangs up, then end this process and its group."""
        try:
            self._greet()
            with self._link.makefile("rb") as stream:
                while header := stream.read(frames.HEADER):
                    self._take(frames.unpack(stream.read(frames.length(header))))
        except (
            OSError,
            ValueError,
            KeyError,
            RuntimeError,
        ) as error:  # the last: no thread to be had
            sys.stderr.write(f"shim: {type(error).__name__}: {error}\n")
        finally:
            self._end()

    def _greet(self) -> None:
        me = {"pid": os.getpid(), "uid": os.getuid(), "report": selfreport.report()}
        frame = frames.pack({"kind": "hello", **me})
        if self._listener >= 0:
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("=i", self._listener))
            # With the first bytes: of what the house reads first, it looks at the descriptors too.
            frame = frame[self._link.sendmsg([frame[: frames.HEADER]], [rights]) :]
            os.close(self._listener)
        self._write(frame)

    def _take(self, message: dict[str, Any]) -> None:
        ident = int(message["id"])
        if "part" in message:
            body = self._bodies.setdefault(ident, bytearray())
            body += frames.payload(message["part"])
            if sum(map(len, self._bodies.values())) > BODY_MOST:
                raise frames.FrameError(f"more than {BODY_MOST} bytes before a request")
            return
        self._free.acquire()  # released when the answer has been written
        body = self._bodies.pop(ident, bytearray())
        threading.Thread(
            target=self._answer,
            args=(ident, message, bytes(body)),
            name=f"shim-{ident}",
            daemon=True,
        ).start()

    def _answer(self, ident: int, message: dict[str, Any], body: bytes) -> None:
        try:
            answer, data = self._do(message, body)
        except (OSError, ValueError, KeyError, RecursionError, MemoryError) as error:
            answer, data = {"error": f"{type(error).__name__}: {error}"[:500]}, b""
        else:
            answer["ok"] = True
        try:
            self.send({"id": ident, **answer}, data)
        except OSError:
            self._end()  # the house has gone
        finally:
            self._free.release()

    def _do(self, message: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        match message["op"]:
            case "exec":
                return self._exec(message, body)
            case "put":
                workfolder.put(self._home, message["path"], body)
                return {}, b""
            case "get":
                return {}, workfolder.get(self._home, message["path"], message["limit"])
            case "survey" | "read" | "clear" | "fill":
                return self._folder(message, body)
            case "check":
                from agents import selfcheck  # 1 ms, once

                report = selfcheck.look(message["nonce"], noexec=message["noexec"])
                if message.get("contacts"):
                    from agents.contacts import contacts  # up to 1.5 s, where there is a network

                    report["contacts"] = contacts()
                return {"report": report}, b""
            case "begin":
                self._fit_out(message.get("ports", {}), message.get("environment", {}))
                self._begun.set()
                return {}, b""
            case "started":
                return {"programs": started.take()}, b""
            case "listening":
                from agents import services  # an agent's start never pays for it

                return {"services": services.listening()}, b""
            case "exchange":
                return self._exchange(message, body)
            case "stats":
                return selfreport.usage(whole_box=message["whole_box"], home=self._home), b""
            case unknown:
                raise ValueError(f"unknown op {unknown!r}")

    def _folder(self, message: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        from agents import restore, snapshot  # an agent's start never pays for them

        match message["op"]:
            case "survey":
                return {}, snapshot.survey(self._home, message["limit"])
            case "read":
                sizes, data = snapshot.contents(self._home, json.loads(body), message["limit"])
                return {"sizes": sizes}, data
            case "clear":
                restore.clear(self._home)
            case "fill":
                things = json.loads(body[: message["head"]])
                restore.fill(self._home, things, memoryview(body)[message["head"] :])
        return {}, b""

    def _fit_out(self, ports: Mapping[str, str], environment: Mapping[str, str]) -> None:
        """Open loopback ports that lead to sockets, and set variables for what the agent starts."""
        os.environ.update(environment)
        if ports:
            from agents.forward import Forward

            Forward({int(port): path for port, path in ports.items()}).start()

    def _exchange(self, message: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        from agents import services

        seconds, limit = message["seconds"], message["limit"]
        data, cut = services.exchange(message["port"], body, seconds=seconds, limit=limit)
        return {"cut": cut}, data

    def _exec(self, message: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        done = command.run(
            message["argv"],
            stdin=body,
            seconds=message["seconds"],
            limit=message["limit"],
            folder=self._home,
            groups=self._groups,
        )
        answer = {
            "code": done.code,
            "stdout": len(done.stdout),
            "seconds": done.seconds,
            "timed_out": done.timed_out,
            "cut": done.cut,
        }
        return answer, done.stdout + done.stderr

    def _end(self) -> None:
        """End at once, with every command; as leader of its group, as in tier ``none``, with all of it."""
        for group in list(self._groups):
            command.kill_group(group)
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
        os._exit(0)
