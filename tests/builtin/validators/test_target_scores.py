"""Scores of the target's predictions and features, against loops over their formulas."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_mutual_info_score, silhouette_samples

from dakit import InputError
from dakit.builtin.validators.bnm import BNMSpec
from dakit.builtin.validators.class_ami import ClassAMISpec
from dakit.builtin.validators.last import LastSpec
from dakit.builtin.validators.mano import MaNoSpec
from dakit.builtin.validators.mixval import MixValSpec
from dakit.builtin.validators.silhouette import SilhouetteSpec
from dakit.builtin.validators.snd import SNDSpec
from dakit.builtin.validators.snd_score import ROWS
from dakit.builtin.validators.transfer_score import TransferScoreSpec
from dakit.builtin.validators.transfer_score_score import hopkins, unevenness
from dakit.contracts import derived_seed

SHAPES = [{}, {"m": 9, "classes": 5}, {"m": 3, "classes": 2}]


def numpy_logits(view):
    return view.target_logits.double().numpy()


@pytest.mark.parametrize("options", SHAPES)
def test_bnm_is_the_sum_of_singular_values_over_the_rows(score, make_view, options):
    view = make_view(**options)
    p = softmax(numpy_logits(view), axis=1)
    eigenvalues = np.linalg.eigvalsh(p.T @ p).clip(min=0)
    wanted = np.sqrt(eigenvalues).sum() / len(p)
    assert score(BNMSpec(), view) == pytest.approx(wanted, abs=1e-6)


def snd_by_loops(logits, temperature):
    p = softmax(logits, axis=1)
    found = []
    for i, one in enumerate(p):
        similar = [
            one @ other / np.linalg.norm(one) / np.linalg.norm(other) / temperature
            for j, other in enumerate(p)
            if j != i
        ]
        found.append(entropy(softmax(similar)))
    return np.mean(found)


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 99),
    m=st.integers(2, 25),
    classes=st.integers(2, 6),
    temperature=st.sampled_from([0.05, 0.5]),
    scale=st.sampled_from([0.1, 2.0, 20.0]),
)
def test_snd_agrees_with_loops(score, make_view, seed, m, classes, temperature, scale):
    view = make_view(m=m, classes=classes, seed=seed, scale=scale)
    wanted = snd_by_loops(numpy_logits(view), temperature)
    assert score(SNDSpec(temperature=temperature), view) == pytest.approx(wanted, abs=1e-6)


def test_snd_of_many_rows_is_that_of_one_block(score, make_view, monkeypatch):
    view = make_view(m=50)
    whole = score(SNDSpec(), view)
    assert ROWS > 50
    monkeypatch.setattr("dakit.builtin.validators.snd_score.ROWS", 7)
    assert score(SNDSpec(), view) == pytest.approx(whole, abs=1e-12)


def mano_by_loops(logits):
    total = 0.0
    sure = -np.mean([np.log(softmax(row)) for row in logits])
    for row in logits:
        if sure > 5:
            q = softmax(row)
        else:
            v = np.array([1 + z + z * z / 2 for z in row])
            v -= v.min()
            q = v / v.sum()
        total += sum(value**4 for value in q)
    return (total / logits.size) ** 0.25


@pytest.mark.parametrize("scale", [0.5, 2.0, 30.0])
@pytest.mark.parametrize("options", SHAPES)
def test_mano_agrees_with_loops(score, make_view, options, scale):
    view = make_view(scale=scale, **options)
    assert score(MaNoSpec(), view) == pytest.approx(mano_by_loops(numpy_logits(view)), abs=1e-6)


def test_mano_knows_both_normalisations(make_view):
    sure = [
        -np.log(softmax(numpy_logits(make_view(scale=scale)), axis=1)).mean()
        for scale in (0.5, 30.0)
    ]
    assert sure[0] < 5 < sure[1]


@pytest.mark.parametrize("options", SHAPES)
def test_silhouette_agrees_with_loops(score, make_view, options):
    view = make_view(**options)
    x, of = view.target_features.double().numpy(), view.target_logits.argmax(1).numpy()
    if not 2 <= len(set(of)) < len(of):
        assert score(SilhouetteSpec(), view) == -1
        return
    wanted = []
    for i, row in enumerate(x):
        distances = np.linalg.norm(x - row, axis=1)
        own = [j for j in range(len(x)) if of[j] == of[i] and j != i]
        if not own:
            wanted.append(0.0)
            continue
        a = distances[own].mean()
        b = min(distances[of == c].mean() for c in set(of) - {of[i]})
        wanted.append((b - a) / max(a, b))
    assert np.allclose(wanted, silhouette_samples(x, of))  # the loops themselves
    assert score(SilhouetteSpec(), view) == pytest.approx(np.mean(wanted), abs=1e-6)


def test_class_ami_is_that_of_kmeans(score, make_view):
    view = make_view(m=60)
    x, of = view.target_features.double().numpy(), view.target_logits.argmax(1).numpy()
    clusters = KMeans(3, n_init=10, random_state=0).fit(x).labels_
    wanted = adjusted_mutual_info_score(of, clusters)
    assert score(ClassAMISpec(), view) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.filterwarnings("error")
def test_class_ami_of_fewer_rows_than_clusters(score, make_view):
    view = make_view(m=5)
    same = dataclasses.replace(view, target_features=torch.ones(5, 4))
    assert score(ClassAMISpec(), same) == 0
    assert score(ClassAMISpec(), make_view(m=2)) == 0


def test_mixval_is_the_share_of_consistent_pairs(score, make_view):
    """With a network that is linear in the inputs pairs of one class are always consistent."""
    view = make_view(m=40)
    weights = view.classifier
    linear = dataclasses.replace(
        view,
        target_logits=view.target_inputs @ weights.T,
        network=lambda given: type("V", (), {"logits": given @ weights.T}),
    )
    pairs = {}

    def counting(given):
        pairs[len(pairs)] = given
        return type("V", (), {"logits": given @ weights.T})

    value = score(MixValSpec(), dataclasses.replace(linear, network=counting))
    within, between = (pairs[i].double().numpy() for i in (0, 1))
    x, w = view.target_inputs.double().numpy(), weights.double().numpy()
    of = (x @ w.T).argmax(1)
    every = 0.55 * x[:, None] + 0.45 * x[None]
    shares = []
    for mixed in (within, between):
        right = 0
        for row in mixed:  # which pair it is made of
            a, b = np.argwhere(np.abs(every - row).max(axis=2) < 1e-6)[0]
            assert (of[a] == of[b]) == (mixed is within)
            assert a != b
            right += (w @ row).argmax() == of[a]
        shares.append(right / len(mixed))
    assert shares[0] == 1
    assert value == pytest.approx(np.mean(shares), abs=1e-6)


def test_mixval_refuses_whole_numbers(score, make_view):
    view = dataclasses.replace(make_view(), target_inputs=torch.ones(60, 4, dtype=torch.int64))
    with pytest.raises(InputError, match="whole numbers"):
        score(MixValSpec(), view)


def test_hopkins_agrees_with_loops():
    rows = torch.randn(31, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    generator = torch.Generator().manual_seed(5)
    uniform = torch.rand(31, 3, generator=generator, dtype=torch.float64).numpy()
    x = rows.numpy()
    points = x.min(0) + (x.max(0) - x.min(0)) * uniform
    u = sum(min(np.linalg.norm(point - row) for row in x) for point in points)
    w = sum(min(np.linalg.norm(x[i] - x[j]) for j in range(31) if j != i) for i in range(31))
    assert hopkins(rows, 5) == pytest.approx(u / (u + w), abs=1e-6)


def test_hopkins_of_clusters_uniform_and_few_rows():
    generator = torch.Generator().manual_seed(0)
    uniform = torch.rand(400, 2, generator=generator).double()
    clusters = 9 * torch.eye(2).repeat(50, 1).double() + 1e-3 * uniform[:100]
    assert hopkins(uniform, 0) == pytest.approx(0.5, abs=0.1)
    assert hopkins(clusters, 0) > 0.95
    assert hopkins(uniform[:19], 0) == 0
    assert hopkins(torch.ones(30, 2).double(), 0) == 0


def test_unevenness_agrees_with_loops():
    w = torch.randn(4, 6, generator=torch.Generator().manual_seed(2)).double()
    found = []
    for i in range(4):
        for j in range(4):
            if i != j:
                cosine = float(w[i] @ w[j] / w[i].norm() / w[j].norm())
                found.append((math.acos(cosine) - math.acos(-1 / 3)) ** 2)
    assert unevenness(w) == pytest.approx(np.mean(found), abs=1e-6)
    assert unevenness(torch.tensor([[1.0, 0.0], [-2.0, 0.0]]).double()) == pytest.approx(
        0, abs=1e-9
    )


def test_transfer_score_is_the_sum_of_its_parts(score, make_view):
    view = make_view()
    p = softmax(numpy_logits(view), axis=1)
    sure = (entropy(p.mean(0)) - np.mean([entropy(row) for row in p])) / math.log(3)
    clustered = hopkins(view.target_features.double(), derived_seed(0, "hopkins statistic"))
    wanted = -unevenness(view.classifier.double()) + clustered + sure
    assert score(TransferScoreSpec(), view) == pytest.approx(wanted, abs=1e-9)


def test_last_is_the_epoch(score, make_view):
    assert score(LastSpec(), make_view()) == 7
