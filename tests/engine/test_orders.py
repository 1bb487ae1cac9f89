"""Turn orders are pure: the same state and seed give the same speaker."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sandbox.engine.orders import draw, next_speaker, pick_bidder
from sandbox.engine.state import AgentState, State
from sandbox.scenario.schema import OrderSpec


def a_state(*agents: str, gone: tuple[str, ...] = ()) -> State:
    state = State(agents={a: AgentState(a, "lobby", "lobby", "here") for a in agents})
    for agent in gone:
        state.agents[agent].status = "gone"
    return state


def play(state: State, order: OrderSpec, turns: int, seed: int = 0) -> list[str | None]:
    """Let the order choose for some turns in which nobody addresses anybody."""
    speakers = []
    for turn in range(1, turns + 1):
        speaker = next_speaker(order, state, seed)
        speakers.append(speaker)
        state.turn, state.last_speaker, state.chosen = turn, speaker, None
        if speaker is not None:
            state.agents[speaker].addressed = turn
    return speakers


def test_round_robin_goes_round_in_the_order_of_the_scenario():
    assert play(a_state("cy", "ada", "bo"), OrderSpec(), 5) == ["cy", "ada", "bo", "cy", "ada"]


def test_round_robin_passes_over_who_is_gone_even_if_it_spoke_last():
    state = a_state("ada", "bo", "cy", gone=("bo",))
    state.last_speaker = "bo"
    assert next_speaker(OrderSpec(), state, 0) == "cy"


def test_random_is_the_same_for_the_same_seed_and_never_the_last_speaker():
    order = OrderSpec(kind="random")
    first = play(a_state("ada", "bo", "cy"), order, 40, seed=7)
    assert first == play(a_state("ada", "bo", "cy"), order, 40, seed=7)
    assert first != play(a_state("ada", "bo", "cy"), order, 40, seed=8)
    assert all(a != b for a, b in pairwise(first))


def test_somebody_alone_keeps_the_floor_in_order_random():
    assert play(a_state("ada"), OrderSpec(kind="random"), 2) == ["ada", "ada"]


def test_addressed_goes_to_whom_was_spoken_to():
    state = a_state("ada", "bo", "cy")
    state.last_speaker, state.chosen = "ada", "cy"
    assert next_speaker(OrderSpec(kind="addressed"), state, 0) == "cy"


def test_addressed_falls_back_to_who_waited_longest():
    state = a_state("ada", "bo", "cy")
    state.last_speaker = "ada"
    state.agents["bo"].addressed, state.agents["cy"].addressed = 5, 3
    assert next_speaker(OrderSpec(kind="addressed"), state, 0) == "cy"


def test_the_moderator_speaks_every_other_turn():
    order = OrderSpec(kind="moderator", moderator="mo")
    assert play(a_state("ada", "mo", "bo"), order, 6) == ["mo", "ada", "mo", "bo", "mo", "ada"]


def test_the_moderator_names_who_is_next():
    state = a_state("ada", "mo", "bo")
    state.last_speaker, state.chosen = "mo", "bo"
    assert next_speaker(OrderSpec(kind="moderator", moderator="mo"), state, 0) == "bo"


def test_without_its_moderator_the_room_goes_round():
    state = a_state("ada", "mo", "bo", gone=("mo",))
    state.last_speaker = "ada"
    assert next_speaker(OrderSpec(kind="moderator", moderator="mo"), state, 0) == "bo"


def test_volunteers_are_not_chosen_but_ask():
    assert next_speaker(OrderSpec(kind="volunteer"), a_state("ada"), 0) is None


def test_nobody_is_next_where_nobody_is():
    assert next_speaker(OrderSpec(), a_state("ada", gone=("ada",)), 0) is None


def test_a_bid_is_drawn_among_those_who_want_the_floor():
    assert pick_bidder({"ada": False, "bo": True}, 1, 1) == "bo"
    assert pick_bidder({"ada": False, "bo": False}, 1, 1) is None
    assert pick_bidder({}, 1, 1) is None


def test_draws_do_not_depend_on_the_order_of_the_bids():
    one = pick_bidder({"ada": True, "bo": True, "cy": True}, 3, 9)
    assert one == pick_bidder({"cy": True, "bo": True, "ada": True}, 3, 9)


@given(st.lists(st.text(min_size=1), min_size=1), st.integers(0, 2**63), st.integers(1, 10**6))
def test_a_draw_is_one_of_the_choices_and_repeats(choices, seed, turn):
    drawn = draw(choices, seed, turn)
    assert drawn in choices
    assert drawn == draw(choices, seed, turn)


def test_draws_are_fair():
    counts = dict.fromkeys("abc", 0)
    for turn in range(3000):
        counts[draw("abc", 42, turn)] += 1
    assert all(900 < n < 1100 for n in counts.values()), counts
