"""The seed of a draw stands in a published text, whatever chance brings."""

import random

import pytest

from portal.core import seeds
from portal.core.scanning import scan


def published(seed):
    return scan({"3": f"评估组抽取种子：{seed}。"})


def test_no_seed_reads_like_the_number_of_a_person(monkeypatch):
    chance = random.Random(1)
    monkeypatch.setattr(seeds.secrets, "choice", chance.choice)
    drawn = {seeds.fresh_seed() for _ in range(2000)}
    assert len(drawn) == 2000
    assert all(len(seed) == seeds.LENGTH for seed in drawn)
    assert [found for seed in drawn for found in published(seed)] == []


@pytest.mark.parametrize("seed", ["f02078901234e5ab", "a13800000001bcde"])
def test_hexadecimal_digits_would_have_been_held_back(seed):
    assert [found.certain for found in published(seed)] == [True]
