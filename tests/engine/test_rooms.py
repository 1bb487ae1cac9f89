"""Rooms: who hears what, who may come in, what the state says of it."""

import pytest

THREE = {"ada": {}, "bo": {}, "cy": {}}


def heard(t, agent):
    """What the agent's model was sent last, without its own answers."""
    request = [think for think in t.thinks if think.agent == agent][-1].request
    return [turn.text for turn in request.turns if turn.role == "user"]


def test_a_word_is_heard_by_the_members_of_its_room_alone(table):
    t = table(
        {"ada": ["Only for bo."]},
        agents=THREE,
        rooms={"hall": {"members": ["ada", "bo"]}, "attic": {"members": ["cy"]}},
        limits={"turns": 3},
    ).play()

    assert heard(t, "bo") == ["ada: Only for bo."]
    assert heard(t, "cy") == ["(Nobody has spoken. It is your turn.)"]


def test_a_whisper_is_heard_by_one(table):
    whisper = [("whisper", {"to": "cy", "text": "psst"})]
    t = table({"ada": [whisper]}, agents=THREE, limits={"turns": 3}).play()

    assert heard(t, "bo") == ["(Nobody has spoken. It is your turn.)"]
    assert heard(t, "cy") == ["ada (whispering to you): psst"]


def test_a_room_is_opened_somebody_invited_and_comes_in(table):
    t = table(
        {
            "ada": [[("open_room", {"name": "attic", "members": ["cy"]})], [("pass", {})], "Here."],
            "cy": [[("enter", {"room": "attic"})], "I came."],
        },
        agents=THREE,
        limits={"turns": 5},
    ).play()

    assert t.told("room.opened", "room.joined", "say") == [
        ("room.opened", "ada", "attic"),
        ("room.joined", "cy", "attic"),
        ("say", "cy", "I came."),
        ("say", "ada", "Here."),
    ]
    assert list(t.core.state.rooms["attic"].members) == ["ada", "cy"]
    assert heard(t, "bo")[-1] == "(Nobody has spoken. It is your turn.)"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        (("enter", {"room": "vault"}), "the door of vault is closed to you"),
        (("enter", {"room": "hall"}), "you are already in hall"),
        (("enter", {"room": "moon"}), "there is no room called 'moon'"),
        (("invite", {"agent": "bo", "room": "vault"}), "you are not in vault"),
        (("invite", {"agent": "bo"}), "bo is already in hall"),
        (("invite", {"agent": "zoe"}), "there is nobody called 'zoe'"),
        (("leave", {"room": "vault"}), "you are not in vault"),
        (("whisper", {"to": "ada", "text": "me"}), "you cannot whisper to yourself"),
        (("whisper", {"to": "cy", "text": "you"}), "cy is in none of your rooms"),
        (("say", {"text": "hi", "to": "cy"}), "there is no 'cy' in hall"),
        (("open_room", {"name": "hall"}), "there is already a room called hall"),
        (
            ("open_room", {"name": "../etc"}),
            "'../etc' is no name for a room: use a-z, 0-9 and -, at most 32",
        ),
        (("open_room", {"name": "x", "members": ["zoe"]}), "there is nobody called 'zoe'"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(table, action, reason):
    t = table(
        {"ada": [[action]]},
        agents=THREE,
        rooms={"hall": {"members": ["ada", "bo"]}, "vault": {"members": ["cy"], "enter": "nobody"}},
        limits={"turns": 1},
    ).play()

    assert t.told("action.refused") == [("action.refused", "ada", reason)]


def test_only_the_moderator_names_who_is_next(table):
    tools = {"tools": ["say", "next", "pass"]}
    t = table(
        {"mo": [[("next", {"agent": "bo"})], "bo, please."], "bo": [[("next", {"agent": "ada"})]]},
        agents={"ada": tools, "mo": tools, "bo": tools},
        order={"kind": "moderator", "moderator": "mo"},
        limits={"turns": 2},
    ).play()

    assert t.told("turn.chosen", "turn.offered", "action.refused") == [
        ("turn.offered", "mo", "mo"),
        ("turn.chosen", "mo", "bo"),
        ("turn.offered", "bo", "bo"),
        ("action.refused", "bo", "only the moderator names who is next"),
    ]


def test_who_is_addressed_speaks_next(table):
    t = table(
        {"ada": ["@cy what do you think?"], "cy": ["Nothing."]},
        agents=THREE,
        order={"kind": "addressed"},
        limits={"turns": 2},
    ).play()

    assert t.data("say")[0] == {"text": "@cy what do you think?", "to": "cy"}
    assert [e["agent"] for e in t.data("turn.offered")] == ["ada", "cy"]
