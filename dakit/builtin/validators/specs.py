"""The validators that dakit ships; the higher a score, the better the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, final

from dakit import ValidatorSpec

if TYPE_CHECKING:
    from dakit.contracts import BuildContext, Validator


@final
class SourceAccuracySpec(ValidatorSpec):
    """Accuracy on the source: the share of rows whose largest logit is that of the label."""

    name: Literal["source_accuracy"] = "source_accuracy"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.source_accuracy import source_accuracy

        return source_accuracy


@final
class SourceLossSpec(ValidatorSpec):
    """Minus the cross entropy on the source: ``mean_i log p_i(y_i)``, at most 0."""

    name: Literal["source_loss"] = "source_loss"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.source_loss import source_loss

        return source_loss


@final
class TargetEntropySpec(ValidatorSpec):
    """Minus the mean entropy of the target predictions: ``mean_j sum_c p_jc log p_jc``.

    Between ``-log C`` and 0. A model that calls everything one class with confidence scores best:
    watch it beside ``information_maximization``.
    """

    paper: ClassVar[str] = "Morerio et al. 2018, arXiv:1711.10288"

    name: Literal["target_entropy"] = "target_entropy"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.target_entropy import target_entropy

        return target_entropy


@final
class InformationMaximizationSpec(ValidatorSpec):
    """Mutual information of target inputs and predictions: confident and diverse.

    ``H(mean_j p_j) - mean_j H(p_j)``, the entropy of the mean prediction minus the mean entropy
    of the predictions, between 0 and ``log C``.
    """

    paper: ClassVar[str] = "Musgrave et al. 2022, arXiv:2208.07360 (IM); Liang et al. 2020"

    name: Literal["information_maximization"] = "information_maximization"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.information_maximization import information_maximization

        return information_maximization


@final
class OracleSpec(ValidatorSpec):
    """Accuracy on the labelled target: an upper bound, not a method; runs it chooses are stamped.

    Raises InputError where the target has no labels.
    """

    uses_target_labels: ClassVar[bool] = True

    name: Literal["oracle"] = "oracle"

    def build(self, context: BuildContext) -> Validator:
        """Build the validator."""
        from dakit.builtin.validators.oracle import oracle

        return oracle


SPECS: tuple[type[ValidatorSpec], ...] = (
    SourceAccuracySpec,
    SourceLossSpec,
    TargetEntropySpec,
    InformationMaximizationSpec,
    OracleSpec,
)
