"""Time in a replay: speed, the gap cap, the end, and a run that grows meanwhile."""

import fcntl

from sandbox.transcript import EVENTS_FILE


async def test_space_plays_as_fast_as_it_was_and_pauses(replay, size):
    async with replay.at(size, turn=10):
        await replay.press("space")
        assert replay.rows[0].endswith("> 1x")
        await replay.wait(3)
        assert replay.position == 61
        await replay.wait(0.5)
        assert replay.position == 61
        await replay.press("space")
        await replay.wait(100)
        assert (replay.position, replay.page.clock.playing) == (61, False)


async def test_speeds(replay, size):
    async with replay.at(size, turn=10):
        await replay.press("greater_than_sign", "greater_than_sign", "space")
        assert replay.rows[0].endswith("> 4x")
        await replay.wait(2)
        assert replay.position == 66
        await replay.press("less_than_sign")
        assert replay.page.clock.speed == 2
        await replay.press("equals_sign")
        assert replay.rows[0].endswith("> 1x")
        await replay.press(*["less_than_sign"] * 3)
        assert replay.page.clock.speed == 0.25
        await replay.press(*["greater_than_sign"] * 9)
        assert replay.page.clock.speed == float("inf")
        await replay.wait(0)
        assert (replay.position, replay.page.clock.playing) == (368, False)


async def test_a_silence_is_cut_and_the_time_shown_is_real(replay, size):
    async with replay.at(size, seq=183):
        assert "3:02/7:06   50%   gaps<=3s" in replay.rows[-2]
        await replay.press("space")
        await replay.wait(0)
        await replay.wait(2)
        assert replay.position == 184
        await replay.wait(1)
        assert replay.position == 185
    async with replay.at(size, seq=184):
        await replay.press("space")
        await replay.wait(0)
        assert "4:03/7:06" in replay.rows[-2]


async def test_i_waits_as_long_as_it_was(replay, size):
    async with replay.at(size, seq=183):
        await replay.press("i", "space")
        assert "gaps real" in replay.rows[-2]
        await replay.wait(0)
        await replay.wait(59)
        assert replay.position == 184
        await replay.wait(1)
        assert replay.position == 185
        await replay.press("i")
        assert "gaps<=3s" in replay.rows[-2]


async def test_at_the_end_it_says_how_to_go_on_and_space_begins_again(replay, size):
    async with replay.at(size, seq=366):
        await replay.press("space")
        await replay.wait(10)
        assert replay.rows[0].endswith("AT THE END")
        assert "End of the run: home begins again, F forks, c compares." in replay.flashed
        await replay.press("space")
        assert (replay.position <= 1, replay.page.clock.playing) == (True, True)


async def test_a_run_that_grows_goes_live_at_its_end(replay, size):
    path = replay.folder / EVENTS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:200]))
    with path.open("ab") as engine:
        fcntl.flock(engine, fcntl.LOCK_EX)
        async with replay.at(size, turn=10):
            await replay.press("end")
            assert (replay.position, replay.rows[0].endswith("* LIVE")) == (200, True)
            engine.write(b"".join(lines[200:300]) + lines[300][:50])
            engine.flush()
            await replay.wait(1)
            assert replay.position == 300
            assert "torn" not in replay.text
            assert replay.page.room.score_model.turn == 50
            await replay.press("left")
            assert replay.page.clock.live is False
            fcntl.flock(engine, fcntl.LOCK_UN)
            await replay.wait(1)
            assert "The last 50 bytes are torn off: all before them is played." in replay.text


async def test_what_is_whole_of_a_damaged_run_is_played(replay, size):
    path = replay.folder / EVENTS_FILE
    lines = path.read_bytes().splitlines(keepends=True)
    lines[149] = lines[149][:-40] + b"\n"
    path.write_bytes(b"".join(lines))
    async with replay.at(size):
        await replay.press("end")
        assert replay.position == 149
        assert "Played up to event 149." in replay.text
        await replay.press("home", *["greater_than_sign"] * 7, "space")
        await replay.wait(1)
        assert (replay.position, replay.page.clock.playing) == (149, False)


async def test_a_run_without_an_event_says_so(replay, size):
    (replay.folder / EVENTS_FILE).write_bytes(b"")
    async with replay.at(size):
        assert "There is no event in this run yet: there is nothing to play." in replay.text
        await replay.press("space", "end", "t", "escape")


async def test_a_run_that_is_not_there_says_so(replay, size):
    (replay.folder / EVENTS_FILE).unlink()
    async with replay.at(size):
        assert replay.rows[0].endswith("CANNOT BE READ")
        assert "cannot read transcripts/" in replay.text


async def test_a_speed_that_was_asked_for_plays_from_the_beginning(replay, size):
    async with replay.at(size, turn=10, speed=4.0, cap=1.0):
        assert (replay.page.clock.playing, replay.page.clock.cap) == (True, 1.0)
        assert replay.rows[0].endswith("> 4x")
        await replay.wait(2)
        assert replay.position == 66
