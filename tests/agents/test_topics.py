import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.topics import covers, is_filter, is_topic, matches

level = st.sampled_from(["a", "b", "x-1"])
topics = st.lists(level, min_size=1, max_size=4).map("/".join)
filters = st.builds(
    lambda levels, tail: "/".join([*levels, *tail]),
    st.lists(st.sampled_from(["a", "b", "x-1", "+"]), min_size=1, max_size=3),
    st.sampled_from([[], ["#"]]),
) | st.just("#")


@pytest.mark.parametrize(
    ("pattern", "topic", "yes"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/b/c", "a/b", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("+", "a", True),
        ("+", "a/b", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("a/#", "b", False),
        ("#", "a/b", True),
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d", False),
    ],
)
def test_a_filter_matches(pattern, topic, yes):
    assert matches(pattern, topic) is yes


@pytest.mark.parametrize(
    ("right", "asked", "yes"),
    [
        ("a/#", "a/+/b", True),
        ("a/#", "a/#", True),
        ("a/#", "a", True),
        ("a/#", "#", False),
        ("a/+", "a/#", False),
        ("a/+", "a/+", True),
        ("a/b", "a/+", False),
        ("+/b", "a/b", True),
        ("#", "#", True),
        ("#", "+/+", True),
        ("+", "#", False),
    ],
)
def test_a_right_covers(right, asked, yes):
    assert covers(right, asked) is yes


@given(filters, filters, topics)
def test_what_is_covered_is_matched(right, asked, topic):
    if covers(right, asked) and matches(asked, topic):
        assert matches(right, topic)


@pytest.mark.parametrize(
    "text", ["", "/", "a/", "/a", "a//b", "a b", "A", "a.b", "$a", "a\x00", "a\n", "é"]
)
def test_what_is_neither_topic_nor_filter(text):
    assert not is_topic(text)
    assert not is_filter(text)


@pytest.mark.parametrize("text", ["+", "#", "a/+/b", "a/#", "+/#"])
def test_a_pattern_is_a_filter_and_no_topic(text):
    assert is_filter(text)
    assert not is_topic(text)


@pytest.mark.parametrize("text", ["#/a", "a#", "a+", "+a", "##", "a/#/#"])
def test_a_wildcard_stands_alone_and_a_hash_last(text):
    assert not is_filter(text)
