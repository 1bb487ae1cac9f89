import pytest

from sandbox.bus.rights import Permits, Rights


@pytest.mark.parametrize("pattern", ["", "a//b", "a/#/b", "a+", "$SYS/#", "A", "a b", "/a", "é"])
def test_rights_of_what_is_no_filter_cannot_be_made(pattern):
    with pytest.raises(ValueError, match="is no filter") as caught:
        Rights(publish=("a", pattern))
    assert str(caught.value) == (
        f"{pattern!r} is no filter: use levels of [a-z0-9_-], '+', a last '#'"
    )


def test_answers_follow_a_grant_at_once():
    permits = Permits(Rights(publish=("out/+",), subscribe=("in/ada",)))
    assert permits.may_publish(b"out/ada")
    assert permits.may_publish(b"out/ada")
    assert not permits.may_hear(b"out/ada")
    permits.grant(Rights(subscribe=("out/ada",)))
    assert not permits.may_publish(b"out/ada")
    assert permits.may_hear(b"out/ada")


def test_remembered_answers_are_bounded():
    permits = Permits(Rights(publish=("out/+",)))
    for n in range(5000):
        assert permits.may_publish(b"out/%d" % n)
        assert not permits.may_publish(b"x" * n)
    assert len(permits._publishes) <= 512
    assert max(map(len, permits._publishes)) <= 256


def test_no_rights_are_no_rights():
    permits = Permits(Rights())
    assert not permits.may_publish(b"a")
    assert not permits.may_hear(b"a")
    assert not permits.may_subscribe("a")
