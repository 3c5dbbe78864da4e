"""A bucket lets a burst through, then as much as it is filled."""

import pytest

from api.limits import (
    FREE_TRIES,
    LONGEST_DELAY_S,
    MOST_KEPT,
    Buckets,
    Tries,
    address_of,
)


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_goes_through_and_then_one_for_each_new_token(clock):
    buckets = Buckets(0.5, 3, clock)
    assert [buckets.wait_s("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.wait_s("a") == pytest.approx(2)
    clock.now += 1
    assert buckets.wait_s("a") == pytest.approx(1)
    clock.now += 1
    assert buckets.wait_s("a") == 0
    assert buckets.wait_s("a") == pytest.approx(2)


def test_a_bucket_holds_no_more_than_its_burst(clock):
    buckets = Buckets(10, 2, clock)
    clock.now += 1_000
    assert [bool(buckets.wait_s("a")) for _ in range(3)] == [False, False, True]


def test_names_have_buckets_of_their_own_and_not_without_end(clock):
    buckets = Buckets(1, 1, clock)
    assert buckets.wait_s("a") == 0
    assert buckets.wait_s("b") == 0
    assert buckets.wait_s("a") > 0
    for n in range(MOST_KEPT + 5):
        buckets.wait_s(str(n))
    assert len(buckets._held) == MOST_KEPT


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:a::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_who_has_a_whole_network_counts_once(address, network):
    assert address_of({"client": (address, 1)}) == network


def test_tries_are_free_and_then_the_wait_doubles_until_one_succeeds(clock):
    tries, waits = Tries(clock), []
    assert [tries.wait_s("a") for _ in range(FREE_TRIES)] == [0] * FREE_TRIES
    for _ in range(12):
        waits.append(tries.wait_s("a"))
        clock.now += waits[-1]
        assert tries.wait_s("a") == 0
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, *[LONGEST_DELAY_S] * 4]
    assert tries.wait_s("b") == 0
    tries.succeeded("a")
    assert [tries.wait_s("a") for _ in range(FREE_TRIES + 1)] == [0] * FREE_TRIES + [5]
    clock.now += 2 * 3_600
    assert tries.wait_s("a") == tries.wait_s("a") == 0
