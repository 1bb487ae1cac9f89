from sandbox.bus.rate import Allowance, Limits

LIMITS = Limits(messages=10, message_burst=20, volume=1000, volume_burst=2000)


def test_a_burst_passes_and_then_the_rate_holds():
    allowance = Allowance(LIMITS, now=0.0)
    for _ in range(20):
        assert allowance.open
        allowance.spend(1)
    assert not allowance.open
    assert allowance.wait(0.0) == 0.1
    assert allowance.wait(0.05) == 0.05
    assert allowance.wait(0.1) == 0.0
    allowance.spend(1)
    assert not allowance.open


def test_bytes_may_go_into_debt_by_one_packet():
    allowance = Allowance(LIMITS, now=0.0)
    allowance.spend(1999)
    assert allowance.open
    allowance.spend(5001)
    assert not allowance.open
    assert allowance.wait(0.0) == 5.0
    assert allowance.wait(4.0) == 1.0
    assert allowance.wait(5.1) == 0.0


def test_what_is_saved_up_ends_at_the_burst():
    allowance = Allowance(LIMITS, now=0.0)
    assert allowance.wait(1e9) == 0.0
    for _ in range(20):
        allowance.spend(0)
    assert not allowance.open


def test_a_connection_counts_for_several_messages():
    allowance = Allowance(LIMITS, now=0.0)
    allowance.spend(0, 15)
    assert allowance.wait(0.0, 10) == 0.5
    assert allowance.wait(0.5, 10) == 0.0


def test_a_clock_that_stands_still_or_goes_back_gives_nothing():
    allowance = Allowance(LIMITS, now=5.0)
    allowance.spend(0, 20)
    assert allowance.wait(1.0) == 0.1
    assert allowance.wait(5.0) == 0.1
