"""What a container engine did, and by what it is known to be an agent's doing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.isolation.witnesses.foreign import (
    Act,
    Connection,
    Known,
    Whose,
    plain_words,
    read_act,
    whose,
)
from sandbox.isolation.witnesses.mark import Mark

MARK = Mark(["ada", "bo"])
OWN, STRANGE = "a" * 64, "b" * 64


def known(words=None, agents=("ada", "bo")):
    said = {agent: plain_words(text) for agent, text in (words or {}).items()}
    return Known("run-1", MARK, "/run/backrooms/run-1", agents, frozenset({OWN}), said)


def act(verb="create", container=STRANGE, action=None, **labels):
    return Act(verb, action or verb, container, 100.0, "a_name", "debian", labels)


def inspected(*sources, command=("sh",), environment=()):
    mounts = [{"Type": "bind", "Source": source} for source in sources]
    return {"Config": {"Cmd": list(command), "Env": list(environment)}, "Mounts": mounts}


def connected(agent="ada", others=0):
    return Connection(agent, 99.9, 100.1, {"pid": 7}, others)


def test_what_nothing_ties_to_the_run_is_nobodys():
    assert whose(act(), inspected("/srv"), [], known()) is None
    assert whose(act(), None, [], known()) is None


def test_what_the_house_does_with_its_own_is_no_foreign_act():
    assert whose(act("start", OWN), None, [connected()], known()) is None


@pytest.mark.parametrize(
    ("made", "by"),
    [
        (
            inspected(environment=[f"X={MARK.of('bo')}"]),
            Whose("bo", {"mark": "its configuration holds the mark of a box"}),
        ),
        (
            inspected("/run/backrooms/run-1/bo/secret"),
            Whose("bo", {"mount": "/run/backrooms/run-1/bo/secret"}),
        ),
        (inspected("/run/backrooms/run-1"), Whose(None, {"mount": "/run/backrooms/run-1"})),
    ],
)
def test_what_it_was_made_of_can_tie_it(made, by):
    assert whose(act(), made, [], known()) == by


def test_a_folder_of_a_similar_name_is_another():
    assert whose(act(), inspected("/run/backrooms/run-10/ada"), [], known()) is None


def test_a_label_of_ours_on_what_we_did_not_make_is_forged():
    forged = act(**{"backrooms.run": "run-1", "backrooms.agent": "bo"})
    by = {"label": "backrooms.run", "says": "bo"}
    assert whose(forged, None, [], known()) == Whose(None, by)
    assert whose(forged, None, [connected()], known()) == Whose("ada", by)
    assert whose(forged, None, [], known(agents=("ada",))) == Whose("ada", by)


def test_a_box_alone_at_the_socket_did_it():
    by = {"connected": {"pid": 7}, "others": 0}
    assert whose(act(), None, [connected()], known()) == Whose("ada", by)
    assert whose(act(), None, [connected(), connected("bo")], known()) is None


def test_beside_others_it_is_known_by_its_own_words():
    beside = [connected(others=2)]
    assert whose(act(), inspected("/srv/prize"), beside, known()) is None
    asked = known({"ada": 'curl -d \'{"Binds": ["/srv/prize:/p"]}\''})
    by = {"connected": {"pid": 7}, "others": 2, "words": "/srv/prize"}
    assert whose(act(), inspected("/srv/prize"), beside, asked) == Whose("ada", by)
    assert whose(act(), inspected("/srv/prize"), [], asked) is None, "it was not even connected"


def test_a_command_is_known_however_it_was_quoted():
    beside = [connected(others=1)]
    asked = known({"ada": """docker exec box sh -c 'cat "/etc/motd"'"""})
    entered = act("exec_start", OWN, 'exec_start: sh -c cat "/etc/motd"')
    found = whose(entered, None, beside, asked)
    assert found is not None
    assert found.by["words"] == "sh -c cat /etc/motd"


def test_what_another_house_made_needs_more_than_the_moment():
    other = act(**{"backrooms.run": "run-2"})
    assert whose(other, None, [connected()], known()) is None


def test_an_event_is_read():
    line = {
        "Type": "container",
        "Action": "exec_create: sh -c true",
        "Actor": {"ID": STRANGE, "Attributes": {"name": "n", "image": "i", "x": "y"}},
        "timeNano": 1_500_000_000,
    }
    labels = {"name": "n", "image": "i", "x": "y"}
    found = Act("exec_create", "exec_create: sh -c true", STRANGE, 1.5, "n", "i", labels)
    assert read_act(json.dumps(line).encode(), 9.0) == found
    assert read_act(json.dumps(line | {"Action": "die"}).encode(), 9.0) is None


def test_of_a_line_that_was_cut_the_beginning_is_read():
    line = (
        b'{"status":"create","id":"'
        + b"b" * 64
        + b'","Action":"create","Actor":{"Attributes":{"x":"'
    )
    assert read_act(line + b"y" * 99, 9.0) == Act("create", "create", STRANGE, 9.0)


@settings(max_examples=60)
@given(
    st.binary(max_size=400)
    | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode)
)
def test_no_line_makes_it_fail(line):
    read_act(line, 1.0)


ODD = st.recursive(
    st.none() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Config", "Cmd", "Mounts", "Source", "Env"]), inner, max_size=3
        )
    ),
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["Config", "Mounts"]), ODD))
def test_no_container_makes_it_fail(container):
    whose(act(), container, [connected(others=1)], known({"ada": "x"}))
