"""A window that changes its size while its app is being started."""

import asyncio
import re

import pytest

from sandbox.tui.serve.process import TabProcess

pytestmark = pytest.mark.e2e


async def test_the_size_that_came_last_counts(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    tab = TabProcess(tmp_path, "")
    await tab.open(155, 40)
    try:
        await tab.tell({"type": "resize", "width": 80, "height": 24})
        async with asyncio.timeout(120):
            async for painted in tab.screen():
                if b"? " in painted and b"Keys" in painted:
                    await tab.type("3")
                if b"No runs yet" in painted:
                    break
        rows = [int(row) for row in re.findall(rb"\x1b\[(\d+);\d+H", painted)]
        assert max(rows) == 24
    finally:
        await tab.close()
