"""Put a trained backbone or adapter into `adapters/`, with its card and a sample, for a commit.

    python hub/ship.py backbone runs/backbone/backbone
    python hub/ship.py adapter runs/hayao/hayao --figures runs/hayao/figures.json --about hub/about.yaml

`figures.json` is what `multitoon evaluate --json` printed, with the command under the key `command`;
`about.yaml` says in words what no file can: teacher, data, licenses, limits.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import yaml
from publish import words_of
from skimage import data_dir

from multitoon import MultiToon, contact_sheet, read_photo
from multitoon.card import adapter_card
from multitoon.checkpoint import ADAPTER_CONFIG, ADAPTER_WEIGHTS, BACKBONE_CONFIG, adapter_facts
from multitoon.index import write_index
from multitoon.publication import FIGURES

ADAPTERS = Path(__file__).resolve().parent.parent / "adapters"
SAMPLES = ("astronaut.png", "rocket.jpg")
SAMPLE_SIDE = 384
"""Longer side of the sample's pictures in pixels; the card's picture stays below 100 KB."""


def ship_backbone(source: Path) -> None:
    """Replace `adapters/backbone`. Adapters made for another backbone are refused from then on."""
    shutil.copytree(source, ADAPTERS / "backbone", dirs_exist_ok=True)


def ship_adapter(source: Path, figures: Path, about: Path) -> None:
    """Replace `adapters/STYLE`: weights, config with the words of `about`, card, sample."""
    facts = adapter_facts(source)
    style = facts["adapter"]["style"]
    words = yaml.safe_load(about.read_text())
    if "training" not in facts:  # it was trained along with its backbone, whose run is beside it
        backbone = source.parent.parent / "backbone" / BACKBONE_CONFIG
        facts["training"] = json.loads(backbone.read_text())["training"]
    facts |= words_of(style, words)
    facts["training"]["hardware"] = words["all"]["hardware"]
    target = ADAPTERS / style
    (target / "samples").mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / ADAPTER_WEIGHTS, target / ADAPTER_WEIGHTS)
    (target / ADAPTER_CONFIG).write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n")
    toon = MultiToon.from_pretrained(ADAPTERS)
    toon.set_adapter(style)
    rows = []
    for name in SAMPLES:
        photo = read_photo(Path(data_dir) / name)
        rows.append({"photo": photo.rgb, style: toon.stylize(photo)})
    contact_sheet(rows, cell=SAMPLE_SIDE).save(target / "samples" / "sample.jpg", quality=85)
    shutil.copyfile(figures, target / FIGURES)  # `publish.py` makes the Hub's card from them
    card = adapter_card(facts, json.loads(figures.read_text()), "samples/sample.jpg")
    (target / "README.md").write_text(card)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=["backbone", "adapter"])
    parser.add_argument("source", type=Path, help="the trained folder")
    parser.add_argument("--figures", type=Path, help="what `multitoon evaluate --json` printed")
    parser.add_argument("--about", type=Path, default=Path(__file__).with_name("about.yaml"))
    arguments = parser.parse_args()
    if arguments.kind == "backbone":
        ship_backbone(arguments.source)
    elif arguments.figures is None:
        parser.error("an adapter needs --figures")
    else:
        ship_adapter(arguments.source, arguments.figures, arguments.about)
    print(write_index(ADAPTERS))


if __name__ == "__main__":
    main()
