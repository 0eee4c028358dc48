"""What a run spec may say of the dataset."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dakit_astro_mergers.galaxy_mergers import GalaxyMergers


def test_the_clean_protocol_takes_statistics_from_training_images() -> None:
    assert GalaxyMergers().normalize.fit_on == "train"


def test_the_paper_protocol_takes_statistics_of_each_domain_from_all_images() -> None:
    normalize = GalaxyMergers.model_validate({"protocol": "paper"}).normalize
    assert (normalize.method, normalize.statistics, normalize.fit_on) == (
        "standardize",
        "per_domain",
        "all",
    )


def test_the_paper_protocol_leaves_a_normalization_that_is_given() -> None:
    spec = GalaxyMergers.model_validate({"protocol": "paper", "normalize": {"method": "asinh"}})
    assert (spec.normalize.method, spec.normalize.fit_on) == ("asinh", "train")


def test_the_paper_protocol_refuses_another_split() -> None:
    with pytest.raises(ValidationError, match="prescribes its split"):
        GalaxyMergers.model_validate({"protocol": "paper", "split": {"seed": 3}})


@pytest.mark.parametrize("protocol", ["clean", "paper"])
def test_a_written_out_spec_reads_back_the_same(protocol: str) -> None:
    spec = GalaxyMergers.model_validate({"protocol": protocol})
    assert GalaxyMergers.model_validate_json(spec.model_dump_json()) == spec


@pytest.mark.parametrize(
    ("key", "value"), [("origin", "web"), ("experiment", "real_sim"), ("mock_size", 3), ("x", 1)]
)
def test_wrong_values_are_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        GalaxyMergers.model_validate({key: value})
