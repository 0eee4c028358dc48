"""Two-dimensional maps of the latent space."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dakit.randomness import derived_seed

PERPLEXITY = 36
"""As published for DeepMerge II (Ciprijanovic et al. 2021)."""


def tsne(features: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Return t-SNE positions ``(N, 2)`` of ``features (N, D)`` (van der Maaten & Hinton 2008).

    Perplexity 36 (a third of the rows where there are fewer), cosine distance and a start from
    the principal components, as published. Raises ValueError below 4 rows.
    """
    from sklearn.manifold import TSNE

    if len(features) < 4:
        raise ValueError(f"{len(features)} rows are too few for t-SNE")
    embedding = TSNE(
        perplexity=min(PERPLEXITY, (len(features) - 1) / 3),
        metric="cosine",
        init="pca",
        random_state=derived_seed(seed, "t-SNE") % 2**32,
    )
    positions: NDArray[np.float32] = embedding.fit_transform(features)
    return positions
