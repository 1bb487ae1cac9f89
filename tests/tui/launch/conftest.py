"""Waiting until the launch page knows all that it looks for."""

from collections.abc import Awaitable, Callable

import pytest


@pytest.fixture
def ready(stage) -> Callable[..., Awaitable[None]]:
    """Press keys, if any, and wait until every worker is through and what it found is drawn."""

    async def settled(*keys: str) -> None:
        await stage.pilot.press(*keys)
        await stage.pilot.pause()
        while stage.app.screen is stage.launch and stage.launch.looking:
            await stage.pilot.pause()
        await stage.pilot.pause()

    return settled
