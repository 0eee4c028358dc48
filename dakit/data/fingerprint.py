"""The fingerprint of the data: one short word for what they are."""

from __future__ import annotations

import hashlib
import json

from dakit.contracts import DomainPair


def fingerprint(pair: DomainPair) -> str:
    """Return 16 hex digits of the origin, the checksums, the shapes and the class names."""
    facts = {
        "origin": pair.provenance.origin,
        "checksums": dict(pair.provenance.checksums),
        "shapes": [list(domain.inputs.shape) for domain in (pair.source, pair.target)],
        "classes": list(pair.class_names),
        "shared_groups": pair.shared_groups,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
