"""Losses through features: values, what is kept and what is not looked at again."""

from __future__ import annotations

import dataclasses

import pytest
import torch

pytest.importorskip("accelerate")

from multitoon.losses.gram import gram, gray
from multitoon.model.features import FeatureNetwork
from multitoon.train.config import FeatureConfig, Weights
from multitoon.train.feature_terms import FeatureTerms

CONFIG = FeatureConfig(content="conv2_1", gram=("conv1_1",), every=3, batch=2, shrink=2, unit=10)


@pytest.fixture
def terms() -> FeatureTerms:
    torch.manual_seed(0)
    return FeatureTerms(FeatureNetwork(("conv1_1", "conv2_1")), CONFIG)


def pictures(seed: int, count: int = 3) -> torch.Tensor:
    return torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_content_is_of_the_first_crops_at_half_size_with_every_made_up_for(terms: FeatureTerms) -> None:
    toon, photo = pictures(0), pictures(1)
    value = terms.terms(Weights(content=0.5), toon, toon, photo, None)["content"]
    half = [torch.nn.functional.avg_pool2d(x[:2], 2) for x in (toon, photo)]
    maps = [terms.net(x)["conv2_1"] for x in half]
    assert value.item() == pytest.approx(3 * 10 * 0.5 * (maps[0] - maps[1]).abs().mean().item(), rel=1e-5)


def test_perceptual_is_the_distance_to_the_target(terms: FeatureTerms) -> None:
    toon, target, photo = pictures(0), pictures(1), pictures(2)
    own = terms.terms(Weights(perceptual=1), toon, target, photo, None)["perceptual"]
    assert own.item() == terms.terms(Weights(content=1), toon, photo, target, None)["content"].item()


def test_gram_is_zero_for_the_style_itself(terms: FeatureTerms) -> None:
    toon = pictures(0)
    grams = terms.grams(toon[:2])
    assert torch.allclose(grams["conv1_1"], gram(terms.net(gray(toon[:2]))["conv1_1"]))
    assert terms.terms(Weights(gram=1), toon, toon, toon, grams)["gram"].item() == pytest.approx(0, abs=1e-6)


def test_named_crops_are_looked_at_once(terms: FeatureTerms) -> None:
    toon, photo = pictures(0), pictures(1)
    first = terms.terms(Weights(content=1), toon, toon, photo, None, ["a", "b", "c"])["content"]
    blank = torch.zeros_like(photo)  # not looked at: the names are known
    again = terms.terms(Weights(content=1), toon, toon, blank, None, ["a", "b", "c"])["content"]
    assert again.item() == first.item()
    fresh = terms.terms(Weights(content=1), toon, toon, photo, None)["content"]
    assert first.item() == pytest.approx(fresh.item(), rel=1e-3), "half precision is kept"


def test_style_crops_of_the_pool_are_cut_once(terms: FeatureTerms) -> None:
    cuts = []

    def cut(number: int, crop: int) -> torch.Tensor:
        cuts.append((number, crop))
        return pictures(number, 1)

    grams = terms.style_grams([4, 2, 4], 16, cut)["conv1_1"]
    terms.style_grams([2], 16, cut)
    assert cuts == [(4, 16), (2, 16)]
    assert grams.shape[0] == 3
    assert torch.equal(grams[0], grams[2])


def test_the_mean_of_the_pool_is_that_of_its_crops() -> None:
    config = dataclasses.replace(CONFIG, gram_of="mean", gram_pool=3)
    terms = FeatureTerms(FeatureNetwork(("conv1_1", "conv2_1")), config)
    cuts = []

    def cut(number: int, crop: int) -> torch.Tensor:
        cuts.append(number)
        return pictures(number, 1)

    grams = terms.style_grams([7, 7], 16, cut)["conv1_1"]
    terms.style_grams([7], 16, cut)
    assert cuts == [0, 1, 2]
    whole = gram(terms.net(gray(torch.cat([pictures(i, 1) for i in range(3)])))["conv1_1"])
    assert torch.allclose(grams, whole.mean(0).expand(2, -1, -1), atol=1e-6)


def test_only_every_third_step_and_a_share_per_process(terms: FeatureTerms) -> None:
    assert [terms.wanted(step, Weights(gram=1)) for step in range(4)] == [True, False, False, True]
    assert not terms.wanted(0, Weights())
    terms.processes = 2
    assert terms.seen(4) == 1


def test_a_full_store_only_costs_time(terms: FeatureTerms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("multitoon.train.feature_terms.LIMIT", 0)
    toon, photo = pictures(0), pictures(1)
    values = [
        terms.terms(Weights(content=1), toon, toon, photo, None, ["a", "b"])["content"].item()
        for _ in range(2)
    ]
    assert values[0] == values[1]
