import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dakit.builtin.datasets.arrays import Arrays
from dakit.builtin.datasets.images import Images
from dakit.contracts import BuildContext
from dakit.data.mapping import memory_map
from dakit.errors import InputError

N = 6


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.normal(size=(N, 3, 4, 5)))
    np.save(tmp_path / "y.npy", np.arange(N) % 2)
    np.savez(
        tmp_path / "all.npz",
        images=rng.normal(size=(N, 3, 4, 5)),
        kinds=np.arange(N) % 2,
        names=np.array([f"g{i}" for i in range(N)]),
        galaxies=np.arange(N) // 2,
    )
    return tmp_path


def build(folder, source=None, target=None, **options):
    source = {"inputs": "x.npy", "labels": "y.npy"} | (source or {})
    target = target or {"inputs": "x.npy"}
    spec = Arrays.model_validate({"source": source, "target": target, **options})
    return spec.build(BuildContext(seed=0, base_dir=folder))


def test_an_npy_is_mapped_and_read_only(folder):
    pair = build(folder)
    assert memory_map(pair.source.inputs) is not None
    assert not pair.source.inputs.flags.writeable
    assert np.array_equal(pair.source.inputs, np.load(folder / "x.npy"))
    assert pair.source.labels.dtype == np.int64
    assert pair.target.labels is None
    assert pair.class_names == ("0", "1")
    assert pair.provenance.origin == "files"


def test_keys_name_arrays_of_the_same_npz(folder):
    keys = {"inputs_key": "images", "ids_key": "names", "groups_key": "galaxies"}
    target = {"inputs": "all.npz", "labels_key": "kinds", **keys}
    pair = build(folder, target=target, class_names=("still", "merging"))
    assert pair.target.ids.tolist() == ["g0", "g1", "g2", "g3", "g4", "g5"]
    assert pair.target.groups.tolist() == [0, 0, 1, 1, 2, 2]
    assert pair.target.labels.tolist() == [0, 1, 0, 1, 0, 1]
    assert pair.class_names == ("still", "merging")


def test_channels_last_is_a_view_of_the_map(folder):
    pair = build(folder, channels_last=True)
    assert pair.source.input_shape == (5, 3, 4)
    assert memory_map(pair.source.inputs) is not None
    assert np.array_equal(pair.source.inputs, np.load(folder / "x.npy").transpose(0, 3, 1, 2))


def test_absolute_paths_are_taken_as_they_are(folder, tmp_path_factory):
    there = str(folder / "x.npy")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    labels = str(folder / "y.npy")
    pair = build(elsewhere, {"inputs": there, "labels": labels}, {"inputs": there})
    assert len(pair.source) == N


def test_checksums_are_those_of_the_files_whatever_they_are_called(folder):
    before = build(folder).provenance.checksums
    assert before["source labels"] == hashlib.sha256((folder / "y.npy").read_bytes()).hexdigest()
    assert set(before) == {"source inputs", "source labels", "target inputs"}
    (folder / "y.npy").rename(folder / "renamed.npy")
    assert build(folder, {"labels": "renamed.npy"}).provenance.checksums == before


@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "f2", "f4", ">f8", "?"])
def test_inputs_of_every_real_type_are_taken_as_they_are(folder, dtype):
    np.save(folder / "x.npy", np.ones((N, 4), dtype))
    assert build(folder).source.inputs.dtype == np.dtype(dtype)


@pytest.mark.parametrize(
    "labels", [[0.0, 1, 0, 1, 0, 1], [False, True] * 3, np.arange(6, dtype="u1") % 3]
)
def test_labels_that_are_whole_numbers_become_int64(folder, labels):
    np.save(folder / "y.npy", labels)
    found = build(folder).source.labels
    assert found.dtype == np.int64
    assert found.tolist() == [int(label) for label in labels]


BAD_ARRAYS = {
    "fractions": ("y", np.array([0.5] * N), r"y\.npy: labels of type float64 must be whole"),
    "NaN labels": ("y", np.array([0, np.nan] * 3), r"y\.npy: some labels are missing"),
    "infinite": ("y", np.array([0, np.inf] * 3), r"y\.npy: some labels are .*infinite"),
    "no words": ("y", np.array(["a", "b", ""] * 2), r"y\.npy: some labels are missing"),
    "row numbers": (
        "y",
        np.arange(N) + 10**9,
        r"y\.npy: 6 different labels among as many inputs \(1000000000, .*ids",
    ),
    "too few": (
        "y",
        np.zeros(5, int),
        r"y\.npy: labels of shape \(5,\); expected \(6,\),.*x\.npy",
    ),
    "columns": ("y", np.zeros((N, 1), int), r"y\.npy: labels of shape \(6, 1\); expected \(6,\)"),
    "complex": ("x", np.zeros((N, 3), complex), r"x\.npy: inputs of type complex128"),
    "texts": ("x", np.full((N, 3), "a"), r"x\.npy: inputs of type <U1"),
    "flat": ("x", np.zeros(N), r"x\.npy: inputs of shape \(6,\); expected images"),
    "volumes": ("x", np.zeros((N, 1, 2, 3, 4)), r"x\.npy: inputs of shape \(6, 1, 2, 3, 4\)"),
    "objects": ("x", np.full((N, 3), None), r"x\.npy cannot be read.*holds Python objects"),
}


@pytest.mark.parametrize(("name", "array", "message"), BAD_ARRAYS.values(), ids=list(BAD_ARRAYS))
def test_an_unusable_array_is_named_with_its_file(folder, name, array, message):
    np.save(folder / f"{name}.npy", array)
    with pytest.raises(InputError, match=message) as caught:
        build(folder)
    assert caught.value.exit_code == 2


BAD_DOMAINS = {
    "missing": ({"inputs": "xx.npy"}, r"no such file: .*xx\.npy; did you mean 'x\.npy'"),
    "no folder": ({"inputs": "no/x.npy"}, r"no such file: .*no/x\.npy"),
    "no key": ({"inputs": "all.npz"}, r"all\.npz needs a key \(it holds: images, kinds,"),
    "misspelt": (
        {"inputs": "all.npz", "inputs_key": "image"},
        r"all\.npz has no array 'image'; did you mean 'images'",
    ),
    "needless": ({"inputs_key": "images"}, r"x\.npy is an \.npy file and has no keys"),
    "ids": (
        {"ids": "all.npz", "ids_key": "images"},
        r"all\.npz \['images'\]: ids of shape",
    ),
}


@pytest.mark.parametrize(("source", "message"), BAD_DOMAINS.values(), ids=list(BAD_DOMAINS))
def test_a_wrong_place_is_named_with_what_is_there(folder, source, message):
    with pytest.raises(InputError, match=message):
        build(folder, source)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 torn", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_named(folder, content):
    (folder / "x.npy").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.npy cannot be read as \.npy or \.npz"):
        build(folder)


@pytest.mark.parametrize("name", ["x.npy", "all.npz"])
def test_a_file_that_ends_early_is_named(folder, name):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cannot be read"):
        build(folder, {"inputs": name, "inputs_key": "images" if name == "all.npz" else None})


def test_a_torn_member_of_an_npz_is_named(folder):
    np.savez_compressed(folder / "x.npz", a=np.random.default_rng(0).normal(size=(N, 30)))
    content = bytearray((folder / "x.npz").read_bytes())
    content[300:308] = b"\xff" * 8
    (folder / "x.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.npz cannot be read"):
        build(folder, {"inputs": "x.npz"})


def test_channels_last_is_for_images(folder):
    np.save(folder / "x.npy", np.zeros((N, 7)))
    with pytest.raises(InputError, match=r"channels_last expects \(N, H, W, C\), not \(6, 7\)"):
        build(folder, channels_last=True)


def test_an_empty_array_gets_as_far_as_the_check_of_the_pair(folder):
    np.save(folder / "none.npy", np.zeros((0, 3, 4, 5)))
    assert len(build(folder, target={"inputs": "none.npy"}).target) == 0


def test_the_source_needs_labels():
    with pytest.raises(ValidationError, match="the source needs 'labels'"):
        Arrays.model_validate({"source": {"inputs": "x.npy"}, "target": {"inputs": "x.npy"}})


def test_a_source_of_several_domains(tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.normal(size=(12, 3)))
    np.save(tmp_path / "y.npy", np.arange(12) % 2)
    np.save(tmp_path / "d.npy", np.array(["south", "east", "north"])[np.arange(12) % 3])
    files = {"inputs": tmp_path / "x.npy", "labels": tmp_path / "y.npy"}
    plain = Arrays(source=files, target=files)
    spec = Arrays(source={**files, "domains": tmp_path / "d.npy"}, target=files)
    pair, single = (each.build(BuildContext(seed=0)) for each in (spec, plain))
    assert pair.source.domain_names == ("east", "north", "south")
    assert pair.source.domains.tolist() == [2, 0, 1] * 4
    assert "source domains" in pair.provenance.checksums
    assert single.source.domains is None
    assert single.source.domain_names == ()
    assert "domains" not in plain.model_dump()["source"]  # the run id of a single source stays
    assert Arrays.model_validate(spec.model_dump()) == spec


def test_rows_without_a_group_are_objects_of_their_own(folder):
    np.save(folder / "g.npy", np.array([7.0, np.nan, np.nan, 7.0, 8.0, np.nan]))
    found = build(folder, {"groups": "g.npy"}).source.groups.tolist()
    assert len(set(found)) == 5
    assert found[0] == found[3] == "7"


@pytest.mark.parametrize("dtype", ["S6", "U6", "M8[D]"])
def test_ids_groups_and_domains_are_texts(folder, dtype):
    values = np.arange(N) + 10 if dtype == "M8[D]" else [f"gal{i:03}" for i in range(N)]
    values = np.array(values, "M8[D]" if dtype == "M8[D]" else None).astype(dtype)
    np.save(folder / "names.npy", values)
    files = {"ids": "names.npy", "groups": "names.npy", "domains": "names.npy"}
    source = build(folder, files).source
    wanted = values.astype("U").tolist()
    assert source.ids.tolist() == source.groups.tolist() == wanted
    assert list(source.domain_names) == wanted


@pytest.mark.parametrize("missing", [np.nan, "", b"None"])
def test_an_input_without_a_domain_is_refused(folder, missing):
    values = [1.0, 2.0, missing] if missing != missing else [type(missing)(), missing, missing]
    np.save(folder / "d.npy", np.array(values * 2))
    with pytest.raises(InputError, match=r"d\.npy: a domain is missing"):
        build(folder, {"domains": "d.npy"})


VALUES = {
    "numbers from 1": (np.array([1, 2, 2]), ("1", "2")),
    "a gap": (np.array([2, 0, 2]), ("0", "2")),
    "negative": (np.array([1, -1, 10], "i1"), ("-1", "1", "10")),
    "large": (np.array([2**63 + 1, 5, 5], "u8"), ("5", "9223372036854775809")),
    "whole floats": (np.array([2.0, 1.0, 2.0]), ("1", "2")),
    "yes and no": (np.array([True, False, True]), ("False", "True")),
    "texts": (np.array(["spiral", "edge-on", "spiral"]), ("edge-on", "spiral")),
    "bytes": (np.array([b"spiral", b"none", b"none"]), ("none", "spiral")),
    "texts of numbers": (np.array(["10", "9", "9"]), ("9", "10")),
}


@pytest.mark.parametrize(("values", "names"), VALUES.values(), ids=list(VALUES))
def test_without_names_the_classes_are_the_values_that_occur(folder, values, names):
    np.save(folder / "y.npy", np.tile(values, 2))
    pair = build(folder, target={"inputs": "x.npy", "labels": "y.npy"})
    assert pair.class_names == names
    texts = [v.decode() if isinstance(v, bytes) else str(v) for v in values.tolist() * 2]
    for side in (pair.source, pair.target):
        found = [names[label] for label in side.labels]
        assert found == [t.removesuffix(".0") for t in texts]
    (said,) = pair.provenance.notes
    assert said == f"The classes are the labels' values: {', '.join(names)}."


@given(values=st.lists(st.integers(-9, 9), min_size=2, max_size=5, unique=True), kind=st.booleans())
def test_any_coding_of_the_classes_gives_the_same_labels(tmp_path_factory, values, kind):
    folder = tmp_path_factory.mktemp("coded")
    coding = np.sort(values)
    np.save(folder / "x.npy", np.zeros((20, 2)))
    plain = np.arange(20) % len(values)
    np.save(folder / "y.npy", coding[plain].astype(float if kind else int))
    pair = build(folder)
    assert pair.class_names == tuple(map(str, coding))
    assert pair.source.labels.tolist() == plain.tolist()


def test_indices_from_0_need_no_word(folder):
    assert build(folder).provenance.notes == ()


def test_a_class_that_only_the_target_has_is_refused(folder):
    np.save(folder / "z.npy", np.array([0, 1, 3] * 2))
    with pytest.raises(InputError, match=r"z\.npy: 1 label\(s\) are none of the classes 0, 1: 3"):
        build(folder, target={"inputs": "x.npy", "labels": "z.npy"})


def test_names_are_indexed_by_numbers_and_known_by_texts(folder):
    names = ("still", "merging")
    assert build(folder, class_names=names).source.labels.tolist() == [0, 1] * 3
    np.save(folder / "y.npy", np.array(["merging", "still"] * 3))
    pair = build(folder, class_names=names)
    assert (pair.class_names, pair.source.labels.tolist()) == (names, [1, 0] * 3)
    np.save(folder / "y.npy", np.array(["merging", "stil"] * 3))
    with pytest.raises(InputError, match=r"none of the classes .*: stil; did you mean 'still'"):
        build(folder, class_names=names)


def test_names_that_are_numbers_are_the_labels_themselves(folder):
    np.save(folder / "y.npy", np.array([1, 2] * 3))
    pair = build(folder, class_names=("1", "2", "3"))
    assert pair.source.labels.tolist() == [0, 1] * 3


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", ""], "class 1 has a blank name"),
        ([" \u3000", "b"], "class 0 has a blank name"),
        (["a", "b", "a "], "class names must differ: a, b, a "),
        (["a"], "two classes or more"),
        ([], "two classes or more"),
    ],
)
def test_class_names_that_a_reader_could_not_tell_apart_are_refused_in_the_spec(names, message):
    arrays = {"source": {"inputs": "x.npy", "labels": "y.npy"}, "target": {"inputs": "x.npy"}}
    with pytest.raises(ValidationError, match=message):
        Arrays.model_validate({**arrays, "class_names": names})
    images = {"source": {"path": "a"}, "target": {"path": "b"}}
    with pytest.raises(ValidationError, match=message):
        Images.model_validate({**images, "classes": names})
