"""Every key that moves a replay, at both sizes; and that any way to a place shows the same."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEYS = {
    "full_stop": 179,
    "comma": 177,
    "J": 184,
    "K": 172,
    "right": 238,
    "left": 117,
    "shift+right": 214,
    "shift+left": 141,
    "right_square_bracket": 244,
    "left_square_bracket": 123,
    "home": 0,
    "end": 368,
}
"""Where each key leads from the beginning of turn 30, which is 178."""

PLACES = {"12": 69, "50%": 184, "2:00": 120, "flag 3": 365, "@bo": 184, "seq 200": 199}


async def test_keys_move(replay, size):
    async with replay.at(size, turn=30):
        assert replay.position == 178
        assert "PAUSED 1x" in replay.rows[0]
        assert replay.rows[-2].startswith(" || 1x   turn 30/60")
        assert "Word 29 of bo." in replay.text
        assert "Word 30 of ada." not in replay.text
        for key, position in KEYS.items():
            replay.page.clock.seek(178)
            await replay.press(key)
            assert (key, replay.position) == (key, position)
        await replay.press("full_stop", "right", "J")
        assert (replay.position, replay.page.clock.at_end) == (368, True)
        assert "the run has ended" in replay.text
        await replay.press("home", "comma", "left", "K")
        assert (replay.position, replay.rows[1:5]) == (0, replay.rows[1:5])
        assert replay.rows[-2].startswith(" || 1x   turn 0/60")


async def test_t_goes_to_a_place(replay, size):
    async with replay.at(size):
        for typed, position in PLACES.items():
            replay.page.clock.seek(178)
            await replay.press("t")
            assert " go to " in replay.text
            assert "214  turn 214  22:40  50%" in replay.text
            await replay.type(typed)
            assert (typed, replay.position) == (typed, position)
        await replay.press("t")
        await replay.type("99")
        assert "there is no turn 99: the run has 60." in replay.flashed
        assert replay.page.bar._input.value == "99"
        await replay.press("t", "1", "space", "escape")
        assert (replay.position, replay.page.bar.asking) == (199, False)


async def test_a_click_on_the_strip_seeks(replay, size):
    async with replay.at(size):
        score = replay.page.room.score
        x = next(x for x in range(size[0]) if score.turn_at(x) == 31)
        await replay.pilot.click(score, offset=(x + score.gutter.left, score.gutter.top))
        await replay.settle()
        assert replay.page.clock.turn == 31


async def test_marks_end_at_the_last_one(replay, size):
    async with replay.at(size, turn=30):
        await replay.press("right_square_bracket", "right_square_bracket")
        assert replay.position == 365
        assert "Somebody knocks" in replay.room[-1]
        await replay.press("right_square_bracket")
        assert replay.position == 365
        assert "There is no flag or note that way." in replay.flashed


async def test_it_opens_right_behind_an_event_and_points_at_it(replay, size):
    async with replay.at(size, seq=100) as page:
        assert (replay.position, page.room.transcript.pointed) == (100, 100)


async def test_any_way_to_a_place_shows_what_playing_to_it_shows(replay):
    async with replay.at((120, 36)) as page:
        played = []
        for position in range(369):
            page._seek(lambda to=position: page.clock.seek(to))
            played.append(replay.room)

        @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(st.integers(0, 368), min_size=1, max_size=4))
        def wander(places):
            for place in places:
                page._seek(lambda to=place: page.clock.seek(to))
            assert (page.clock.position, replay.room) == (places[-1], played[places[-1]])

        wander()


async def test_looking_back_brings_what_lies_before(long, size):
    async with long.at(size, turn=500) as page:
        first = page.room._shown.first
        assert page.room.transcript.has_earlier
        await long.press("g", "k")
        assert page.room._shown.first < first
        assert page.room.transcript.following is False
        await long.press("G", "home")
        assert (long.position, page.room.transcript.has_earlier) == (0, False)
