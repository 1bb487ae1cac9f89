"""When an app has done all it has to do: told by its queues, never by how busy the machine is.

The library waits until the process takes little CPU, which on a loaded machine is so at any time.
"""

import asyncio
from itertools import chain

from textual._context import active_app
from textual.app import App
from textual.message_pump import MessagePump
from textual.timer import Timer

PATIENCE = 60.0
"""Seconds; only an app that never rests takes so long."""
GLANCE = 0.002
"""Seconds between two looks."""
SOON = 0.5
"""Seconds; who sets a timer of so little or less waits for it."""
LASTING = {"run", "act", "inspect", "shell", "pager", "leave"}
"""Workers that go on until somebody else does something."""


async def calm(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
    """Wait until no message, callback, layout, short timer, animation or worker of the app is left.

    Args:
        min_sleep: of the library's function, not needed here.
        max_sleep: likewise.
    """
    app = active_app.get()
    rested = 0
    async with asyncio.timeout(PATIENCE):
        while rested < 2:  # what a pump did last may be a task that has not begun
            await asyncio.sleep(0 if rested else GLANCE)
            if app._exit or app._exception is not None:
                return
            rested = rested + 1 if _rests(app) else 0


def _rests(app: App[object]) -> bool:
    screen = app.screen
    pumps = [app, *app._registry]
    return not (
        screen._callbacks
        or screen._dirty_widgets
        or screen._layout_required
        or app.animator._animations
        or app.animator._scheduled
        or any(not w.is_finished and w.name not in LASTING for w in app.workers)
        or any(map(_works, pumps))
        or any(map(_is_soon, chain.from_iterable(pump._timers for pump in pumps)))
    )


def _works(pump: MessagePump) -> bool:
    """Whether it is at a message, or has one to come; who has nothing to do waits at its queue."""
    queue = pump._message_queue
    if pump._closed or not pump._running:
        return False
    waits = any(not waiter.done() for waiter in queue.ready_event._waiters)
    return not waits or not queue.empty() or bool(pump._next_callbacks)


def _is_soon(timer: Timer) -> bool:
    task = timer._task
    return timer._repeat == 0 and timer._interval <= SOON and task is not None and not task.done()
