"""Figures of plugins stand in reports and comparisons, and what fails is left out and told."""

from base64 import b64encode
from typing import Any, ClassVar, Literal

import pytest
from matplotlib.figure import Figure

import dakit
from dakit import FigureSpec
from dakit.spec.identity import run_id
from dakit.spec.loading import spec_from_dict
from dakit.training.reporter import SilentReporter
from dakit.workflows.compare import compare
from tests.offered import offered

PNG = b"\x89PNG\r\n\x1a\nrest"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
SEEN: list[Any] = []


class Bars(FigureSpec):
    """A bar a run, in matplotlib."""

    caption: ClassVar[str] = "Bars <of> a plugin."
    name: Literal["bars"] = "bars"
    title: str = "mine"

    def build(self, context: Any) -> Any:
        def draw(runs: Any) -> Figure:
            SEEN.append(runs)
            figure = Figure(figsize=(3.7, 2.0))
            axes = figure.subplots()
            axes.bar(range(len(runs)), [1.0] * len(runs))
            axes.set_title(f"{self.title}: {', '.join(run.method for run in runs)}")
            return figure

        return draw


class Raw(FigureSpec):
    """A PNG, an SVG, nothing, an error."""

    name: Literal["raw"] = "raw"
    what: Literal["png", "svg", "nothing", "error", "text"] = "png"

    def build(self, context: Any) -> Any:
        def draw(runs: Any) -> Any:
            if self.what == "error":
                raise ValueError("no ink")
            return {"png": PNG, "svg": SVG, "nothing": None, "text": "hello"}[self.what]

        return draw


@pytest.fixture(autouse=True)
def _offered():
    SEEN.clear()
    with offered(Bars, Raw):
        yield


def spec(*figures: Any, **more: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "tiny",
        "data": "digits_shift",
        "model": {"backbone": {"name": "mlp", "hidden": [2]}},
        "objective": {},
        "training": {"epochs": 1, "batch_size": 512},
        "evaluation": {"bootstrap": 0},
        "figures": list(figures),
        **more,
    }


@pytest.fixture
def _quick_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages with the figures of plugins alone."""
    monkeypatch.setattr("dakit.reporting.figures.report.make_figures", lambda facts: {})
    monkeypatch.setattr("dakit.reporting.figures.compare.draw_comparison", lambda facts: {})
    monkeypatch.setattr("dakit.workflows.report._pictures", lambda *_: {})


@pytest.mark.usefixtures("_quick_pages")
def test_reports_and_comparisons_show_them(tmp_path):
    figures = ["bars", {"name": "bars", "title": "again"}, "raw", {"name": "raw", "what": "svg"}]
    figures += [{"name": "raw", "what": what} for what in ("nothing", "error", "text")]
    first = dakit.run(spec(*figures), out=tmp_path, reporter=SilentReporter())
    made = dakit.report(first, figures=["bras", "bars"])
    page = made.path.read_text()
    ((run,), (_,)) = SEEN
    assert (run.name, run.run_id, run.method) == ("tiny", first.results["run_id"], "noDA")
    assert run.results == first.results
    assert list(run.history) == first.history
    rows = [row for row in first.predictions if row["split"] == "test"]
    assert [*run.source.ids, *run.target.ids] == [row["id"] for row in rows]
    assert run.target.probabilities.shape == (len(run.target.labels), len(run.class_names))
    assert page.count("Bars &lt;of&gt; a plugin.") == 2
    assert "mine: noDA" in page
    assert "again: noDA" in page
    assert f"data:image/png;base64,{b64encode(PNG).decode()}" in page
    assert f"data:image/svg+xml;base64,{b64encode(SVG.encode()).decode()}" in page
    assert "<script>alert" not in page
    (told,) = (text for text in made.missing if "left out" in text)
    assert "ValueError" in told
    assert "no ink" in told
    assert "returned str; it must return" in told
    assert "no figure named 'bras'; did you mean 'bars'?" in told
    assert told in page.replace("&#39;", "'")
    assert (first.folder.figures / "raw.png").read_bytes() == PNG
    assert (first.folder.figures / "raw_2.svg").read_text() == SVG

    SEEN.clear()
    other = spec("bars", objective={"transfer": "coral"})
    second = dakit.run(other, out=tmp_path, reporter=SilentReporter())
    made = compare([first, second], out=tmp_path / "page.html", latent=False)
    page = made.path.read_text()
    assert [[run.method for run in runs] for runs in SEEN] == [["noDA", "coral"]] * 2
    assert "mine: noDA, coral" in page
    assert "again: noDA, coral" in page
    assert any("no ink" in text for text in made.missing)
    assert "no ink" in page
    assert (tmp_path / "page_figures" / "bars.pdf").exists()


def test_figures_are_no_part_of_what_a_run_is():
    plain, drawn = (spec_from_dict(s).resolved for s in (spec(), spec("bars")))
    old = {key: value for key, value in plain.items() if key != "figures"}
    assert run_id(plain, "data") == run_id(drawn, "data") == run_id(old, "data")
