"""What a repository of the Hub consists of: the files of an adapter or a backbone, checked, with a card.

    adapter_config.json, adapter_model.safetensors    the adapter, its config with the card's words
    config.json                                       its hashes; the Hub counts downloads by this file
    README.md                                         the card
    samples/sample.jpg                                photos and their toons

Nothing is sent from here: the files go to `hub.push`.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from multitoon import __version__
from multitoon.card import OPTIONAL, REQUIRED, adapter_card, backbone_card, with_front_matter_of
from multitoon.checkpoint import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    BACKBONE_CONFIG,
    BACKBONE_WEIGHTS,
    adapter_facts,
    backbone_facts,
    load_backbone,
)
from multitoon.config import read_text
from multitoon.errors import CheckpointError, ConfigError, UnknownNameError, UsageError
from multitoon.hub import COUNTED
from multitoon.image import Photo
from multitoon.sheet import contact_sheet
from multitoon.stylize import MultiToon

CARD, FIGURES, SAMPLES = "README.md", "figures.json", "samples"
SAMPLE = f"{SAMPLES}/sample.jpg"
SAMPLE_SIDE = 384
"""Longer side in pixels of a picture on the card's sheet, which takes about 100 KB."""
PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def adapter_files(
    folder: str | Path,
    repo_id: str,
    *,
    photos: Sequence[Photo] = (),
    words: Mapping[str, str] | None = None,
    figures: Mapping[str, Any] | None = None,
    backbone: str | Path | None = None,
    base_model: str | None = None,
) -> dict[str, bytes]:
    """The files of `repo_id` (path: content) that publish the adapter in `folder`.

    The card is made from the config and from `figures` (or the folder's `figures.json`). A folder that has
    a card and no figures keeps its text, under new front matter.

    Args:
        photos: drawn for the card; without any, the folder's own `samples/` are taken.
        words: what the config does not say itself; see `card.REQUIRED`.
        figures: what `multitoon evaluate --json` printed, with the command under `command`.
        backbone: where its backbone is; None takes the shipped one.
        base_model: the repository that its backbone is published as, for config and card.

    Raises:
        CheckpointError: damaged, or made for another backbone.
        UsageError: no picture for the card, or a word that it must say is missing.
        HubError: a backbone that cannot be had.
    """
    folder = Path(folder)
    facts: dict[str, Any] = {**adapter_facts(folder), **(words or {})}
    toon = MultiToon.from_pretrained(backbone)
    toon.set_adapter(
        style := toon.load_adapter(folder)
    )  # checks keys, shapes, values and the backbone's hash
    facts["backbone"] = toon.network.backbone.config.name
    if base_model:
        facts["base_model"] = base_model
    samples = {SAMPLE: _sheet(toon, style, photos)} if photos else _samples_of(folder)
    if not samples:
        raise UsageError(
            f"{folder}: no picture for the card.", "Pass --photo FILE once or more; they will be public."
        )
    figures = _read_figures(folder) if figures is None else figures
    card = adapter_card(facts, figures, next(iter(samples)), source=repo_id)
    if figures is None and (folder / CARD).is_file():
        card = with_front_matter_of((folder / CARD).read_text(encoding="utf-8"), card)
    config = {
        "library": "multitoon",
        "library_version": __version__,
        "kind": "adapter",
        "style": style,
        "rank": facts["adapter"]["rank"],
        "backbone_sha256": facts["backbone_sha256"],
        "adapter_sha256": toon.hash_of(style),
    }
    return {
        ADAPTER_CONFIG: _json(facts),
        ADAPTER_WEIGHTS: (folder / ADAPTER_WEIGHTS).read_bytes(),
        COUNTED: _json(config | ({"base_model": base_model} if base_model else {})),
        CARD: card.encode(),
        **samples,
    }


def backbone_files(folder: str | Path, repo_id: str, words: Mapping[str, str]) -> dict[str, bytes]:
    """The files of `repo_id` that publish the backbone in `folder`.

    Raises:
        CheckpointError: damaged; UsageError: a word that the card must say is missing.
    """
    folder = Path(folder)
    parameters = sum(parameter.numel() for parameter in load_backbone(folder).parameters())
    card = backbone_card({**backbone_facts(folder), **words, "parameters": parameters}, repo_id)
    return {
        BACKBONE_CONFIG: (folder / BACKBONE_CONFIG).read_bytes(),
        BACKBONE_WEIGHTS: (folder / BACKBONE_WEIGHTS).read_bytes(),
        CARD: card.encode(),
    }


def read_words(path: str | Path) -> dict[str, str]:
    """The YAML file that says what no other file can: the keys of `card.REQUIRED` and `card.OPTIONAL`.

    Raises:
        ConfigError: not a mapping of words; UnknownNameError: a key that no card has.
    """
    try:
        raw = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML ({error}).") from error
    if not isinstance(raw, dict) or not all(isinstance(text, str) for text in raw.values()):
        raise ConfigError(f"{path}: should map each of {', '.join(REQUIRED)} to words.")
    for key in raw:
        if key not in REQUIRED | OPTIONAL:
            raise UnknownNameError("word of a card", str(key), REQUIRED | OPTIONAL)
    return raw


def read_figures(path: str | Path) -> dict[str, Any]:
    """What `multitoon evaluate --json` printed, with the command that made it.

    Raises:
        ConfigError: not such a file, or without the command.
    """
    text = read_text(path)
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{path}: not JSON ({error}).") from error
    missing = [key for key in ("command", "pictures") if not isinstance(raw, dict) or key not in raw]
    if missing:
        raise ConfigError(
            f"{path}: no {' and no '.join(missing)}; figures are published with the command that made them.",
            'They are what `multitoon evaluate --json` prints, and "command": "multitoon evaluate ...".',
        )
    return raw


def _read_figures(folder: Path) -> dict[str, Any] | None:
    return read_figures(folder / FIGURES) if (folder / FIGURES).is_file() else None


def _sheet(toon: MultiToon, style: str, photos: Sequence[Photo]) -> bytes:
    rows = [{"photo": photo.finish(photo.rgb), style: toon.stylize(photo)} for photo in photos]
    buffer = io.BytesIO()
    contact_sheet(rows, cell=SAMPLE_SIDE).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _samples_of(folder: Path) -> dict[str, bytes]:
    try:
        paths = sorted(p for p in (folder / SAMPLES).glob("*") if p.suffix.lower() in PICTURES)
        return {f"{SAMPLES}/{path.name}": path.read_bytes() for path in paths}
    except OSError as error:
        raise CheckpointError(f"{folder / SAMPLES}: {error.strerror or error}.") from error


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode()
