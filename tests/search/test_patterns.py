"""Patterns that would never end, do."""

import os
import time

import pytest

from sandbox.errors import UsageError
from sandbox.isolation.witness import family
from sandbox.transcript.search import pattern_child
from sandbox.transcript.search.patterns import Patterns
from tests.search.conftest import said, started


def test_places_of_each_pattern_in_each_text():
    with Patterns(["A", r"b\b"]) as patterns:
        assert patterns.find(["abca", "", "迷b"]) == [
            {"A": [(0, 1), (3, 4)], r"b\b": []},
            {"A": [], r"b\b": []},
            {"A": [], r"b\b": [(1, 2)]},
        ]
        assert patterns.find(["b"]) == [{"A": [], r"b\b": [(0, 1)]}]


def test_one_that_takes_too_long_is_stopped_and_said(runs):
    runs.add("run", started(), said("ada", "fine aa!"), said("ada", "a" * 60))
    begun = time.monotonic()
    with pytest.raises(UsageError) as caught:
        runs.hits("/(a|aa)+!/ kind:say")
    assert time.monotonic() - begun < 10 * pattern_child.SECONDS
    assert str(caught.value) == (
        "/(a|aa)+!/ took longer than 2 s on a few texts. Avoid a repetition within a repetition, as in "
        "(a+)+, and give words beside it: only texts with those are looked at."
    )
    assert len(runs.hits("/(a|aa)+!/ fine")) == 1


def test_no_process_is_left(two):
    before = set(family(os.getpid()))
    two.hits("/door/")
    assert set(family(os.getpid())) <= before
