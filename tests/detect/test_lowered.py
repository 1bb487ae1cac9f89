"""Lower case that finds what a pattern which ignores case finds."""

import re
import sys

from sandbox.detect.lowered import lowered

EVERY = "".join(map(chr, range(sys.maxunicode + 1)))


def test_each_letter_stays_in_its_place():
    assert lowered("I \u0130 K \u017f \u0131 ESCAPED \u00c9") == "i i k s i escaped é"
    assert len(lowered(EVERY)) == len(EVERY)


def test_each_letter_is_what_a_pattern_that_ignores_case_takes_it_for():
    small = lowered(EVERY)
    for pattern in (r"[a-z]", r"\w", r"[\s\d]"):
        found = [match.start() for match in re.finditer(pattern, EVERY, re.IGNORECASE)]
        assert found == [match.start() for match in re.finditer(pattern, small)]
