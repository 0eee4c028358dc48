"""A trained model for other programs: torch.export and ONNX, checked before they are written."""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, TypeVar, final

import numpy as np
import torch
from torch import Tensor

from dakit.contracts import Side
from dakit.errors import InputError, RunError, install_extra
from dakit.evaluation.model_chain import ModelChain
from dakit.evaluation.predict import evaluating
from dakit.files.writing import as_json, make_folder, write_together
from dakit.randomness import derived_seed
from dakit.runs.model_folder import SavedModel
from dakit.runs.results import Results, read_results
from dakit.runs.run import Run, load_run
from dakit.workflows.arguments import several

__all__ = ["ExportSummary", "export"]

Format = Literal["torch", "onnx"]
FILES: Mapping[Format, str] = {"torch": "model.pt2", "onnx": "model.onnx"}
METADATA = "export.json"
MODULES = ("onnx", "onnxscript", "onnxruntime")
BATCHES = (1, 2, 5)
LOGITS_TOLERANCE = 1e-4
"""Largest difference of a logit, relative to the larger of 1 and the logit."""
PROBABILITY_TOLERANCE = 1e-5

Outputs = tuple[Tensor, Tensor]
Checked = dict[str, float]
Made = TypeVar("Made")


@final
@dataclass(frozen=True)
class ExportSummary:
    """The files that were written and how well they agree with the model."""

    files: tuple[Path, ...]
    differences: Mapping[Format, Checked]
    origin: str
    """Where the data come from that the model was trained on; ``mock`` for mock data."""


def export(
    run: str | Path | Run,
    *,
    formats: Format | Sequence[Format] = ("torch",),
    out: str | Path | None = None,
    domain: Side = "target",
) -> ExportSummary:
    """Write the model of ``run`` as ``model.pt2``, ``model.onnx`` or both, and ``export.json``.

    Both take raw float32 images ``(B, *input_shape)`` of any number B (float64 ones where the
    offset of the training data is so large that float32 would blur them; ``export.json`` tells),
    normalise them as the ``domain`` was, and return logits and probabilities ``(B, C)``. Each is
    read back and compared with the model on random images in batches of 1, 2 and 5: logits must
    agree to 1e-4 (relative above 1), probabilities to 1e-5. ``out`` is a folder, by default
    ``export`` in the run's.

    Raises:
        InputError: the extra ``export`` is wanted and not there.
        RunError: the network cannot be exported, or the exported one gives other numbers; then
            nothing is written.
    """
    run = run if isinstance(run, Run) else load_run(run)
    formats = _checked(formats)
    if "onnx" in formats:
        _check_onnx()
    model, results = run.model(), read_results(run.folder)
    chain = ModelChain(
        getattr(model.normalization, domain), model.network, model.input_shape
    ).eval()
    contents: dict[Format, bytes] = {}
    differences: dict[Format, Checked] = {}
    with _quiet(), model.network.for_domain(domain):
        program = _attempt("torch.export", lambda: _torch_program(chain, model.input_shape))
        for name in formats:
            made, reopened = _attempt(name, partial(_MAKERS[name], program))
            contents[name] = made
            differences[name] = _compare(name, reopened, chain, model, domain)
    folder = run.folder.path / "export" if out is None else Path(out)
    make_folder(folder)
    facts = _facts(results, model, domain) | {
        "files": {FILES[name]: hashlib.sha256(contents[name]).hexdigest() for name in formats},
        "largest_differences": {FILES[name]: found for name, found in differences.items()},
    }
    files = {folder / FILES[name]: contents[name] for name in formats}
    files[folder / METADATA] = as_json(facts).encode()
    write_together(files)
    return ExportSummary(tuple(files), differences, results.data.origin)


def _checked(formats: object) -> list[Format]:
    known = ", ".join(FILES)
    found = several(formats, (str,), "formats", f"one or several of {known}")
    for name in found:
        if name not in FILES:
            raise InputError(f"there is no format {name!r}; choose {known}")
    if not found:
        raise InputError(f"no formats to export to; choose {known}")
    return list(dict.fromkeys(found))


def _check_onnx() -> None:
    missing = [name for name in MODULES if find_spec(name) is None]
    if missing:
        raise InputError(
            f"ONNX needs {', '.join(missing)}: {install_extra('export')}, or choose --format torch"
        )


def _torch_program(chain: ModelChain, input_shape: tuple[int, ...]) -> Any:
    # one row would be taken for a constant
    example = torch.zeros(2, *input_shape, dtype=chain.scale.dtype)
    batch = torch.export.Dim("batch", min=1)
    with torch.no_grad():
        return torch.export.export(
            chain, (example,), dynamic_shapes={"inputs": {0: batch}}, strict=False
        )


def _torch_file(program: Any) -> tuple[bytes, Callable[[Tensor], Outputs]]:
    content = io.BytesIO()
    torch.export.save(program, content)
    data = content.getvalue()
    module = torch.export.load(io.BytesIO(data)).module()
    return data, lambda inputs: module(inputs)


def _onnx_file(program: Any) -> tuple[bytes, Callable[[Tensor], Outputs]]:
    import onnxruntime

    batch = torch.export.Dim("batch", min=1)
    made = torch.onnx.export(
        program,
        input_names=["inputs"],
        output_names=["logits", "probabilities"],
        dynamic_shapes={"inputs": {0: batch}},
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    assert made is not None  # with dynamo and no file name there is always a program
    data = made.model_proto.SerializeToString()
    onnxruntime.set_default_logger_severity(3)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])

    def outputs(inputs: Tensor) -> Outputs:
        logits, probabilities = session.run(None, {"inputs": inputs.numpy()})
        return torch.from_numpy(logits), torch.from_numpy(probabilities)

    return data, outputs


_MAKERS: Mapping[Format, Callable[[Any], tuple[bytes, Callable[[Tensor], Outputs]]]] = {
    "torch": _torch_file,
    "onnx": _onnx_file,
}


def _compare(
    name: Format,
    exported: Callable[[Tensor], Outputs],
    chain: ModelChain,
    model: SavedModel,
    domain: str,
) -> Checked:
    """Return the largest differences. Raises RunError where they pass the tolerances.

    The model's own numbers come by the way that ``dakit predict`` goes, not through the chain.
    """
    normalization = getattr(model.normalization, domain)
    found: list[tuple[float, float]] = []
    random = torch.Generator().manual_seed(derived_seed(0, "export"))
    for rows in BATCHES:
        inputs = chain.raw(torch.randn(rows, *model.input_shape, generator=random))
        with evaluating(model.network):
            wanted = model.network(normalization(inputs))[1]
        logits, probabilities = _attempt(name, partial(exported, inputs))
        off = (logits - wanted).abs() / wanted.abs().clamp(min=1)
        found.append((float(off.max()), float((probabilities - wanted.softmax(1)).abs().max())))
    logits_off, probabilities_off = np.max(found, axis=0).tolist()  # hands NaN on
    if not (logits_off <= LOGITS_TOLERANCE and probabilities_off <= PROBABILITY_TOLERANCE):
        raise RunError(
            f"the exported model ({name}) gives other numbers than the run's: logits differ by "
            f"{logits_off:.2g}, probabilities by {probabilities_off:.2g}; nothing was written"
        )
    return {"logits": logits_off, "probabilities": probabilities_off}


def _attempt(what: str, make: Callable[[], Made]) -> Made:
    """Return what ``make`` makes; whatever fails inside the exporters becomes a RunError."""
    try:
        return make()
    except Exception as error:  # the exporters raise errors of many kinds
        raise RunError(
            f"this network cannot be exported ({what}): {type(error).__name__}: {error}"
        ) from error


def _facts(results: Results, model: SavedModel, domain: str) -> dict[str, Any]:
    return {
        "run_id": results.run_id,
        "name": results.name,
        "trained_on": {"origin": results.data.origin, "description": results.data.description},
        "used_target_labels": results.selection.used_target_labels,
        "class_names": list(model.class_names),
        "input": {
            "name": "inputs",
            "shape": ["batch", *model.input_shape],
            "type": str(getattr(model.normalization, domain).dtype).removeprefix("torch."),
            "scale": "raw, as the training images; normalised inside the model",
        },
        "outputs": {
            "logits": ["batch", len(model.class_names)],
            "probabilities": ["batch", len(model.class_names)],
        },
        "normalized_as": domain,
        "tolerances": {"logits": LOGITS_TOLERANCE, "probabilities": PROBABILITY_TOLERANCE},
        "checked_batch_sizes": list(BATCHES),
        "dakit_version": version("dakit"),
        "torch_version": str(torch.__version__),
    }


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters' warnings, log lines and prints from the user."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
