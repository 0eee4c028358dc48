"""Further terms of the total loss."""

from dakit import RegularizerSpec
from dakit.builtin.regularizers.consistency import ConsistencySpec
from dakit.builtin.regularizers.entropy import EntropySpec
from dakit.builtin.regularizers.fisher import FisherSpec
from dakit.builtin.regularizers.pseudo_labels import PseudoLabelsSpec
from dakit.builtin.regularizers.vat import VATSpec

SPECS: tuple[type[RegularizerSpec], ...] = (
    ConsistencySpec,
    EntropySpec,
    FisherSpec,
    PseudoLabelsSpec,
    VATSpec,
)
