"""The images dataset: from folders and catalogues to two domains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image
from pydantic import ValidationError

from dakit import InputError
from dakit.builtin.datasets.images import Images
from dakit.contracts import BuildContext, Domain, DomainPair
from dakit.plugins import catalog
from dakit.testing import check_component

N = 20
KINDS = ("merger", "other")
RESIZED = (
    "source: resized to 6 pixels, which keeps the flux of 20 FITS or npy.",
    "target: resized to 6 pixels, which keeps the brightness of 20 PNG or JPEG.",
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAKIT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make ``sim`` (FITS, a folder for each class) and ``real`` (PNG, a catalogue)."""
    rng = np.random.default_rng(0)
    rows = ["path,id,label,group"]
    (tmp_path / "real").mkdir()
    for i in range(N):
        kind = KINDS[i % 2]
        (tmp_path / "sim" / kind).mkdir(parents=True, exist_ok=True)
        fits.writeto(tmp_path / "sim" / kind / f"g{i}.fits", rng.exponential(size=(8, 8)))
        pixels = rng.integers(0, 255, (12, 12), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / "real" / f"r{i}.png")
        rows.append(f"r{i}.png,real-{i},{kind},galaxy-{i // 2}")
    (tmp_path / "real" / "real.csv").write_text("\n".join(rows))
    return tmp_path


def spec(**changes: Any) -> dict[str, Any]:
    given = {"source": {"path": "sim"}, "target": {"path": "real/real.csv"}}
    return {**given, "reading": {"size": 6}, **changes}


def build(folder: Path, **changes: Any) -> DomainPair:
    context = BuildContext(seed=0, base_dir=folder)
    pair: DomainPair = Images.model_validate(spec(**changes)).build(context)
    return pair


def test_a_folder_and_a_catalogue_become_two_domains(folder: Path) -> None:
    pair = build(folder)
    assert pair.class_names == KINDS
    assert pair.source.labels is not None
    assert pair.target.labels is not None
    assert pair.source.labels.tolist() == [0] * 10 + [1] * 10
    assert pair.target.labels.tolist() == [0, 1] * 10
    assert pair.source.groups is None
    assert pair.target.groups is not None
    assert pair.target.groups[:3].tolist() == ["galaxy-0", "galaxy-0", "galaxy-1"]
    assert pair.source.ids[0] == "merger/g0"
    assert pair.target.ids[19] == "real-19"
    assert pair.source.input_shape == pair.target.input_shape == (1, 6, 6)
    assert isinstance(pair.source.inputs, np.memmap)
    first = fits.getdata(folder / "sim" / "merger" / "g0.fits")
    assert pair.source.inputs[0].sum() == pytest.approx(first.sum(), rel=1e-5)
    assert pair.provenance.origin == "files"
    assert pair.provenance.notes == RESIZED


def test_the_classes_may_be_given_in_another_order(folder: Path) -> None:
    pair = build(folder, classes=("other", "merger"))
    assert pair.source.labels is not None
    assert pair.source.labels.tolist() == [1] * 10 + [0] * 10


def test_numbers_as_classes_are_sorted_as_numbers(folder: Path) -> None:
    rows = [f"sim/{KINDS[i % 2]}/g{i}.fits,{(10, 9)[i % 2]}" for i in range(N)]
    (folder / "sim.csv").write_text("\n".join(["path,label", *rows]))
    pair = build(folder, source={"path": "sim.csv"}, target={"path": "sim.csv", "labelled": False})
    assert pair.class_names == ("9", "10")


def test_a_flat_folder_is_an_unlabelled_target(folder: Path) -> None:
    pair = build(folder, target={"path": "real"})
    assert pair.target.labels is None
    assert len(pair.target) == N


def test_labels_may_be_left_out(folder: Path) -> None:
    target = {"path": "real/real.csv", "labelled": False}
    assert build(folder, target=target).target.labels is None


def test_both_domains_may_stand_in_one_catalogue(folder: Path) -> None:
    rows = [f"sim/{KINDS[i % 2]}/g{i}.fits,{KINDS[i % 2]},{'ab'[i < 8]}" for i in range(N)]
    (folder / "all.csv").write_text("\n".join(["path,label,telescope", *rows]))
    sides = {
        side: {"path": "all.csv", "domain": domain, "columns": {"domain": "telescope"}}
        for side, domain in (("source", "a"), ("target", "b"))
    }
    pair = build(folder, **sides)
    assert (len(pair.source), len(pair.target)) == (12, 8)
    with pytest.raises(InputError, match="is a folder and has no column 'domain'"):
        build(folder, source={"path": "sim", "domain": "a"})


def test_each_domain_may_be_read_in_its_own_way(folder: Path) -> None:
    target = {"path": "real/real.csv", "reading": {"cut": 6, "conserve": "surface_brightness"}}
    pair = build(folder, target=target)
    pixels = np.asarray(Image.open(folder / "real" / "r0.png"))
    np.testing.assert_array_equal(pair.target.inputs[0, 0], pixels[3:9, 3:9])


def test_pictures_of_several_sizes_keep_their_brightness(folder: Path) -> None:
    for i in range(N):
        grey = np.full((6 + i, 6 + i), 100, np.uint8)
        Image.fromarray(grey).save(folder / "real" / f"r{i}.png")
    pair = build(folder)
    np.testing.assert_allclose(pair.target.inputs, 100, rtol=1e-6)
    conserve = {"size": 6, "conserve": "surface_brightness"}
    notes = build(folder, reading=conserve).provenance.notes
    assert notes[0] == "source: resized to 6 pixels, which keeps surface brightness."


def test_unknown_labels_are_told_with_their_rows(folder: Path) -> None:
    path = folder / "real" / "real.csv"
    text = (
        path.read_text().replace("real-3,other", "real-3,othr").replace("real-5,other", "real-5,")
    )
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        build(folder)
    said = str(caught.value)
    assert said.startswith("2 image(s)")
    assert "real.csv:5: 'othr'; did you mean 'other'?" in said
    assert "real.csv:7: no label" in said
    assert "merger, other" in said


def test_a_source_without_labels_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="the source real has no labels"):
        build(folder, source={"path": "real"})


def break_some(folder: Path) -> None:
    (folder / "real" / "r4.png").unlink()
    (folder / "real" / "r7.png").write_bytes(b"no picture")
    fits_file = folder / "sim" / "other" / "g1.fits"
    fits_file.write_bytes(fits_file.read_bytes()[:3000])


def test_bad_files_of_both_domains_stop_the_run_with_one_list(folder: Path) -> None:
    break_some(folder)
    with pytest.raises(InputError) as caught:
        build(folder)
    head, source, missing, damaged, way = str(caught.value).splitlines()
    assert head.startswith("3 of 40 images are missing or cannot be used")
    assert "source other/g1: " in source
    assert "target real-4: no such file" in missing
    assert "target real-7: " in damaged
    assert '"bad_files": "skip"' in way


def test_bad_files_are_left_out_with_a_note(folder: Path) -> None:
    whole = build(folder).provenance.checksums
    break_some(folder)
    pair = build(folder, bad_files="skip")
    assert (len(pair.source), len(pair.target)) == (19, 18)
    assert pair.target.labels is not None
    assert pair.target.groups is not None
    rows = [i for i in range(N) if i not in (4, 7)]
    assert pair.target.ids.tolist() == [f"real-{i}" for i in rows]
    assert pair.target.labels.tolist() == [i % 2 for i in rows]
    assert pair.target.groups.tolist() == [f"galaxy-{i // 2}" for i in rows]
    assert pair.provenance.notes == (
        "source: resized to 6 pixels, which keeps the flux of 19 FITS or npy.",
        "source: 1 of 20 images were left out, missing or not usable: other/g1.",
        "target: resized to 6 pixels, which keeps the brightness of 18 PNG or JPEG.",
        "target: 2 of 20 images were left out, missing or not usable: real-4, real-7.",
    )
    for name, checksum in pair.provenance.checksums.items():
        assert checksum != whole[name]


def test_a_setting_that_spoils_every_image_is_suspected_before_the_files(folder: Path) -> None:
    with pytest.raises(InputError, match="look at 'reading'"):
        build(folder, reading={"cut": 4000})


def test_blank_pixels_have_their_way_out(folder: Path) -> None:
    file = folder / "sim" / "other" / "g1.fits"
    fits.writeto(file, fits.getdata(file).astype("f4") * np.nan, overwrite=True)
    with pytest.raises(InputError, match="'blank' of 'reading'"):
        build(folder)


def test_nothing_left_stops_the_run_whatever_is_asked(folder: Path) -> None:
    for file in (folder / "real").glob("*.png"):
        file.unlink()
    with pytest.raises(InputError, match=r"20 of 40[\s\S]*Mend them\.$"):
        build(folder, bad_files="skip")


def test_blank_pixels_are_noted(folder: Path) -> None:
    image = np.ones((8, 8))
    image[0, :3] = np.nan
    fits.writeto(folder / "sim" / "other" / "g1.fits", image, overwrite=True)
    pair = build(folder, reading={"size": 6, "blank": "zero"})
    replaced = "source: 3 blank pixels (NaN) in 1 images were replaced."
    assert pair.provenance.notes == (RESIZED[0], replaced, RESIZED[1])


def test_checksums_are_of_contents_labels_and_groups_not_of_places(folder: Path) -> None:
    before = build(folder).provenance.checksums
    assert set(before) == {
        f"{side} {what}" for side in ("source", "target") for what in ("images", "catalogue")
    }
    moved = folder.with_name("moved")
    folder.rename(moved)
    (moved / "sim").rename(moved / "simulated")
    assert build(moved, source={"path": "simulated"}).provenance.checksums == before
    path = moved / "real" / "real.csv"
    path.write_text(path.read_text().replace("galaxy-1\n", "galaxy-0\n"))
    after = build(moved, source={"path": "simulated"}).provenance.checksums
    assert [name for name in after if after[name] != before[name]] == ["target catalogue"]


def read(
    folder: Path,
    *paths: str,
    domain_as: Literal["source", "target"] = "target",
    skip_bad: bool = False,
    **changes: Any,
) -> Domain:
    dataset = Images.model_validate(spec(**changes))
    context = BuildContext(seed=0, base_dir=folder, domain=domain_as, skip_bad=skip_bad)
    domain = dataset.read_inputs([folder / path for path in paths], context)
    assert domain is not None
    return domain


def test_new_images_are_read_as_those_of_the_target(folder: Path) -> None:
    pair = build(folder, target={"path": "real/real.csv", "reading": {"cut": 4, "size": 6}})
    target = {"path": "real/real.csv", "reading": {"cut": 4, "size": 6}}
    new = read(folder, "real", target=target)
    order = [new.ids.tolist().index(f"r{i}") for i in range(N)]
    np.testing.assert_array_equal(new.inputs[order], pair.target.inputs)
    assert new.labels is None


def test_new_images_may_be_read_as_those_of_the_source(folder: Path) -> None:
    sides = {
        "source": {
            "path": "real/real.csv",
            "columns": {"id": "group"},
            "reading": {"cut": 4, "size": 6},
        },
        "target": {"path": "real/real.csv", "columns": {"id": "id"}},
    }
    (folder / "new.csv").write_text("path,id,group\nreal/r3.png,by id,by group\n")
    as_source = read(folder, "new.csv", domain_as="source", **sides)
    as_target = read(folder, "new.csv", **sides)
    assert (as_source.ids.tolist(), as_target.ids.tolist()) == (["by group"], ["by id"])
    pixels = np.asarray(Image.open(folder / "real" / "r3.png"), np.float32)
    assert as_source.inputs.mean() == pytest.approx(pixels[4:8, 4:8].mean(), rel=1e-5)
    assert as_target.inputs.mean() == pytest.approx(pixels.mean(), rel=1e-5)


def test_new_images_may_be_files_folders_and_catalogues(folder: Path) -> None:
    catalogue = read(folder, "real/real.csv")
    assert catalogue.ids[0] == "real-0"
    assert catalogue.groups is not None
    assert read(folder, "real/r3.png", "sim/other/g1.fits").ids.tolist() == ["r3", "other/g1"]


def test_an_image_has_the_id_that_it_had_in_training(folder: Path) -> None:
    trained = build(folder).source.ids.tolist()
    assert trained[:2] == ["merger/g0", "merger/g10"]
    as_source = {"domain_as": "source", "target": {"path": "sim"}}
    assert read(folder, "sim", **as_source).ids.tolist() == trained
    parts = read(folder, "sim/merger", "sim/other", **as_source)
    assert parts.ids.tolist() == trained
    files = [f"sim/{name}.fits" for name in trained]
    assert read(folder, *files, **as_source).ids.tolist() == trained
    (folder / "link").symlink_to(folder / "sim")
    assert read(folder, "link/other/g1.fits", **as_source).ids.tolist() == ["other/g1"]
    (folder / "elsewhere").mkdir()
    (folder / "sim" / "other" / "g1.fits").rename(folder / "elsewhere" / "g1.fits")
    assert read(folder, "elsewhere/g1.fits", **as_source).ids.tolist() == ["g1"]


@pytest.mark.parametrize("role", ["source", "target"])
def test_the_catalogue_of_the_spec_is_read_as_it_was_for_training(
    folder: Path, role: Literal["source", "target"]
) -> None:
    (folder / "lists").mkdir()
    rows = [f"{KINDS[i % 2]}/g{i}.fits,{KINDS[i % 2]},{'ab'[i < 8]}" for i in range(N)]
    (folder / "lists" / "all.csv").write_text("\n".join(["path,label,domain", *rows]))
    sides = {
        side: {"path": "lists/all.csv", "root": "sim", "domain": domain}
        for side, domain in (("source", "a"), ("target", "b"))
    }
    pair = build(folder, **sides)
    new = read(folder, "lists/all.csv", domain_as=role, **sides)
    assert new.ids.tolist() == getattr(pair, role).ids.tolist()
    np.testing.assert_array_equal(new.inputs, getattr(pair, role).inputs)
    other: Any = {**sides, "target" if role == "source" else "source": {"path": "sim"}}
    assert read(folder, "lists/all.csv", **other).ids.tolist() == new.ids.tolist()
    (folder / "lists" / "more.csv").write_text("path\nother/g1.fits\n")
    assert read(folder, "lists/more.csv", domain_as=role, **sides).ids.tolist() == ["g1"]


def test_a_catalogue_that_only_the_source_could_be_is_told_with_the_way_to_read_it(
    folder: Path,
) -> None:
    rows = [f"sim/{KINDS[i % 2]}/g{i}.fits,{KINDS[i % 2]}" for i in range(N)]
    (folder / "sim.csv").write_text("\n".join(["file,kind", *rows]))
    source = {"path": "sim.csv", "columns": {"path": "file", "label": "kind"}}
    with pytest.raises(InputError, match=r"no column 'path'[\s\S]*--as source"):
        read(folder, "sim.csv", source=source)
    assert len(read(folder, "sim.csv", source=source, domain_as="source")) == N
    with pytest.raises(InputError, match="no column 'file'") as caught:
        read(folder, "real/real.csv", source=source, domain_as="source")
    assert "--as target" in str(caught.value)
    (folder / "neither.csv").write_text("name\na\n")
    with pytest.raises(InputError, match="no column 'path'") as caught:
        read(folder, "neither.csv", source=source)
    assert "--as" not in str(caught.value)


def test_the_parts_of_a_split_are_no_classes(folder: Path) -> None:
    for part in ("train", "test"):
        (folder / "split" / part).mkdir(parents=True)
    (folder / "sim" / "merger").rename(folder / "split" / "train" / "merger")
    (folder / "sim" / "other").rename(folder / "split" / "test" / "other")
    with pytest.raises(InputError, match=r"parts of a split \(test, train\), not classes"):
        build(folder, source={"path": "split"})
    pair = build(
        folder, source={"path": "real/real.csv"}, target={"path": "split", "labelled": False}
    )
    assert len(pair.target) == N
    assert read(folder, "split").ids[0] == "test/other/g1"


@pytest.mark.parametrize("hdu", [None, "SCI"])
def test_fits_of_several_layouts_are_told_of_the_hdu(folder: Path, hdu: str | None) -> None:
    images = [np.ones((2, 8, 8)), np.ones((8, 8))]
    several = [fits.PrimaryHDU(images[0]), fits.ImageHDU(images[1], name="SCI")]
    fits.HDUList(several).writeto(folder / "sim" / "other" / "g1.fits", overwrite=True)
    with pytest.raises(InputError) as caught:
        build(folder, reading={"size": 6, "hdu": hdu})
    way_out = str(caught.value).splitlines()[-1]
    assert "'hdu' of 'reading'" in way_out
    assert "'size'" not in way_out
    assert "'bands'" not in way_out.replace("(bands, cut, hdu)", "")


def test_a_catalogue_of_new_images_needs_no_labels(folder: Path) -> None:
    columns = {"path": "file", "id": "name", "label": "class", "group": "object", "domain": "sky"}
    target = {"path": "real/real.csv", "columns": columns, "domain": "deep"}
    (folder / "new.csv").write_text("file,name\nreal/r3.png,a\nreal/r1.png,b\n")
    new = read(folder, "new.csv", target=target)
    assert (new.ids.tolist(), new.groups) == (["a", "b"], None)
    (folder / "more.csv").write_text("file,name,object\nreal/r3.png,a,galaxy\n")
    groups = read(folder, "more.csv", target=target).groups
    assert groups is not None
    assert groups.tolist() == ["galaxy"]
    (folder / "none.csv").write_text("file,identity\nreal/r3.png,a\n")
    with pytest.raises(InputError, match=r"none\.csv has no column 'name'"):
        read(folder, "none.csv", target=target)


def test_new_images_that_are_bad_are_told_at_once(folder: Path) -> None:
    (folder / "real" / "r3.png").write_bytes(b"")
    with pytest.raises(
        InputError, match=r"2 of 3[\s\S]*r3: [\s\S]*no: no such file.*\n.*--skip-bad"
    ):
        read(folder, "real/r3.png", "real/no.png", "real/r1.png")


@pytest.mark.parametrize("how", [{"bad_files": "skip"}, {"skip_bad": True}])
def test_new_images_that_are_bad_may_be_left_out(folder: Path, how: dict[str, Any]) -> None:
    (folder / "real" / "r3.png").write_bytes(b"")
    new = read(folder, "real/r3.png", "real/no.png", "real/r1.png", **how)
    assert new.ids.tolist() == ["r1"]
    assert len(new) == 1
    (torn, _), missing = new.left_out
    assert torn == "r3"
    assert missing == ("no", f"no such file: {folder / 'real' / 'no.png'}")
    with pytest.raises(InputError, match=r"1 of 1 images cannot be used[\s\S]*\nMend them\.$"):
        read(folder, "real/r3.png", **how)


def test_it_passes_the_conformance_kit(folder: Path) -> None:
    example = {
        "source": {"path": folder / "sim"},
        "target": {"path": folder / "real" / "real.csv"},
        "reading": {"size": 6},
    }
    report = check_component(catalog.current().find("dataset", "images"), example=example)
    assert report.ok, report
    states = {outcome.check: outcome.state for outcome in report.outcomes}
    assert states["keeps_mapped_inputs_mapped"] == "passed"
    assert states["hides_the_target_labels"] == "passed"


def test_a_spec_reads_back_the_same(folder: Path) -> None:
    dataset = Images.model_validate(
        spec(reading={"bands": ["R", 0], "hdu": [1, "SCI"], "cut": [4, 5]})
    )
    assert Images.model_validate_json(dataset.model_dump_json()) == dataset
    assert Images.model_validate(json.loads(dataset.model_dump_json())) == dataset


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"columns": {"label": "kind"}}, "real is a folder and has no column 'label'; leave 'colu"),
        ({"columns": {"group": "galaxy"}}, "no column 'group'; leave 'columns.group' out"),
        ({"domain": "sky"}, "has no column 'domain'; leave 'domain' out"),
        (
            {"columns": {"domain": "d", "label": "kind"}, "domain": "sky"},
            "leave 'columns.label', 'columns.domain', 'domain' out",
        ),
    ],
)
def test_a_setting_of_catalogues_that_a_folder_never_uses_is_refused(
    folder: Path, target: dict[str, Any], message: str
) -> None:
    given = Images.model_validate(spec(target={"path": "real", **target}))
    for look in (given.outline, lambda base: given.build(BuildContext(seed=0, base_dir=base))):
        with pytest.raises(InputError, match=message):
            look(folder)


def test_what_a_folder_leaves_to_catalogues_of_new_images_is_said_and_used(folder: Path) -> None:
    (folder / "new.csv").write_text("name,file\nnew,r3.png\n")
    side = {"path": "real", "root": "real", "columns": {"id": "name", "path": "file"}}
    told = "target: real is a folder, where root, columns.path, columns.id say nothing; they hold"
    assert build(folder, target=side).provenance.notes[-1].startswith(told)
    found = Images.model_validate(spec(target=side)).read_inputs(
        [folder / "new.csv"], BuildContext(seed=0, base_dir=folder)
    )
    assert found is not None
    assert found.ids.tolist() == ["new"]


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        ({"reading": {"size": 6, "hdu": 0, "blank": "zero"}}, []),  # the source is FITS
        (
            {"reading": {"size": 6, "channels_last": True}},
            ["'reading.channels_last' is for npy files, and there is none."],
        ),
        (
            {"reading": {"cut": 8, "conserve": "flux"}},
            ["'reading.conserve' says nothing without 'size': no image is resized."],
        ),
        (
            {
                "target": {
                    "path": "real/real.csv",
                    "reading": {"size": 6, "hdu": 1, "channels_last": True, "blank": "median"},
                }
            },
            [
                "'target.reading.hdu' is for FITS files, and there is none.",
                "'target.reading.channels_last' is for npy files, and there is none.",
                "'target.reading.blank' is for FITS or npy files, and there is none.",
            ],
        ),
    ],
)
def test_what_is_asked_of_files_of_which_there_is_none_is_said(
    folder: Path, changes: dict[str, Any], notes: list[str]
) -> None:
    found = build(folder, **changes).provenance.notes
    assert [note for note in found if "reading" in note] == notes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labelled": False, "columns": {"label": "label"}}, "columns.label names the classes"),
        ({"columns": {"domain": "label"}}, "columns.domain names a column, and 'domain' does not"),
        ({"reading": {"cut": 3}}, "both domains have a 'reading' of their own"),
    ],
)
def test_settings_that_take_the_effect_of_each_other_are_refused_in_the_spec(
    changes: dict[str, Any], message: str
) -> None:
    source = {"path": "sim", "reading": {"size": 6}}
    with pytest.raises(ValidationError, match=message):
        Images.model_validate(spec(source=source, target={"path": "real/real.csv", **changes}))


def test_a_source_may_be_left_out_where_the_classes_are_named(folder: Path) -> None:
    real = {"path": folder / "real" / "real.csv"}
    with pytest.raises(ValidationError, match="'classes' must name the classes"):
        Images.model_validate({"target": real})
    spec = Images.model_validate({"target": real, "classes": KINDS})
    spec.outline(folder)
    pair = spec.build(BuildContext(seed=0, base_dir=folder))
    assert pair.domains == (pair.target,)
    assert len(pair.source) == 0
    assert pair.source.input_shape == pair.target.input_shape == (1, 12, 12)
    assert set(pair.provenance.checksums) == {"target images", "target catalogue"}
    new = spec.read_inputs(
        [folder / "real" / "r0.png"],
        BuildContext(seed=0, base_dir=folder, domain="source", input_shape=(1, 12, 12)),
    )
    assert new is not None
    assert np.array_equal(new.inputs[0], pair.target.inputs[0])
