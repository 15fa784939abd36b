"""The card of an adapter or a backbone, made from its config and from measured figures, never from memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from multitoon.errors import UsageError
from multitoon.hub import front_matter

REQUIRED = {
    "summary": "what it draws, in a sentence",
    "data": "what it was trained on, and under which licenses",
    "license": "of the weights: an identifier such as cc-by-4.0, or words",
    "limits": "what it does badly",
}
"""What a card must say and no file can know."""
OPTIONAL = {"teacher": "whose pictures it learnt from", "history": "how it came about, if not by one run"}


def adapter_card(
    facts: Mapping[str, Any],
    figures: Mapping[str, Any] | None,
    sample: str,
    *,
    source: str | None = None,
) -> str:
    """The card in Markdown, with the front matter that the Hub reads.

    Args:
        facts: what `adapter_config.json` holds (see `checkpoint.save_adapter`), and the words of `REQUIRED`.
        figures: what `multitoon evaluate --json` printed, with the command under `command`; None says so.
        sample: path of the picture with photos and their toons, relative to the card.
        source: what a user types to draw in it; its style's name if None.

    Raises:
        UsageError: a word of `REQUIRED` is missing.
    """
    _check_words(facts)
    style = facts["adapter"]["style"]
    source = source or style
    base = facts.get("base_model")
    front = front_matter(
        model_name=style,
        library_name="multitoon",
        pipeline_tag="image-to-image",
        tags=["cartoon", "style-transfer", "adapter", "multitoon", style],
        **_license(facts["license"]),
        **({"base_model": base, "base_model_relation": "adapter"} if base else {}),
    )
    own_backbone, option = (f'"{base}"', f" --backbone {base}") if base else ("", "")
    backbone = f"{base or facts.get('backbone', 'multitoon')}, SHA-256 `{facts['backbone_sha256'][:16]}`"
    return f"""{front}
# {style}

{facts["summary"]}

![photos and their toons]({sample})

```python
from multitoon import MultiToon, read_photo
toon = MultiToon.from_pretrained({own_backbone})
toon.set_adapter("{source}")
toon.stylize(read_photo("photo.jpg")).save("toon.png")
```

or `multitoon stylize photo.jpg --style {source}{option}`.

## What it was made from

{_lines(facts, {"teacher": "Teacher", "data": "Photos", "license": "License"})}
- Backbone: {backbone}; the adapter is refused on any other.
{_training(facts, "adapter_config.json")}

## Figures

{_figures(figures, source)}

## Limits

{facts["limits"]}
"""


def backbone_card(facts: Mapping[str, Any], repo_id: str) -> str:
    """The card of a backbone, from its `config.json`, its number of `parameters` and the words of `REQUIRED`.

    Raises:
        UsageError: a word of `REQUIRED` is missing.
    """
    _check_words(facts)
    name = facts["backbone"]["name"]
    front = front_matter(
        model_name=name,
        library_name="multitoon",
        pipeline_tag="image-to-image",
        tags=["cartoon", "style-transfer", "backbone", "multitoon"],
        **_license(facts["license"]),
    )
    return f"""{front}
# {name}

{facts["summary"]}

It draws nothing by itself: styles are small adapters on it.

```python
from multitoon import MultiToon, read_photo
toon = MultiToon.from_pretrained("{repo_id}")
toon.set_adapter("OWNER/multitoon-STYLE")
toon.stylize(read_photo("photo.jpg")).save("toon.png")
```

## What it was made from

{_lines(facts, {"teacher": "Teachers", "data": "Photos", "license": "License"})}
- Size: {facts["parameters"]:,} parameters.
- SHA-256 of config and weights: `{facts["sha256"]}`; an adapter names the backbone that it was made for.
{_training(facts, "config.json")}

## Limits

{facts["limits"]}
"""


def with_front_matter_of(text: str, card: str) -> str:
    """The body of the card `text` under the front matter of `card`."""
    front = re.match(r"---\n.*?\n---\n", card, re.DOTALL)[0]
    return front + "\n" + re.sub(r"\A---\n.*?\n---\n", "", text, count=1, flags=re.DOTALL).lstrip("\n")


def _check_words(facts: Mapping[str, Any]) -> None:
    missing = [key for key in REQUIRED if not str(facts.get(key) or "").strip()]
    if missing:
        raise UsageError(
            f"A card must say: {'; '.join(f'{key} ({REQUIRED[key]})' for key in missing)}.",
            f"Write {', '.join(f'{key}:' for key in missing)} into a YAML file, and pass --about FILE.",
        )


def _license(words: str) -> dict[str, str]:
    """An identifier as it is; anything longer is explained on the card."""
    if re.fullmatch(r"[A-Za-z][\w.+-]*", str(words)):
        return {"license": str(words).lower()}
    return {"license": "other", "license_name": "see-card", "license_link": "README.md"}


def _lines(facts: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    return "\n".join(
        f"- {label}: {str(facts[key]).strip()}" for key, label in labels.items() if facts.get(key)
    )


def _training(facts: Mapping[str, Any], config: str) -> str:
    training = facts.get("training")
    if isinstance(training, Mapping) and {"steps", "seconds", "torch"} <= training.keys():
        place = training.get("hardware") or training.get("device", "a device that was not noted")
        lines = [
            f"- Training: {training['steps']:,} steps in {_duration(training['seconds'])} on {place},",
            f"  torch {training['torch']}. The resolved config stands in `{config}`.",
        ]
    else:
        lines = ["- Training: not recorded."]
    return "\n".join(lines + ([f"- {str(facts['history']).strip()}"] if facts.get("history") else []))


def _duration(seconds: float) -> str:
    """In the unit in which it has at least two digits, or nearly.

    >>> [_duration(seconds) for seconds in (68, 450, 20_000)]
    ['68 seconds', '8 minutes', '5.6 hours']
    """
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours"


def _figures(figures: Mapping[str, Any] | None, source: str) -> str:
    if figures is None:
        return f"Not measured. `multitoon evaluate --style {source} --photos PHOTOS` does."
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in _measured(figures))
    return f"""Measured on {figures["pictures"]} photos that were not trained on, with

    {figures["command"]}

| figure | value |
| --- | --- |
{rows}"""


def _measured(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Numbers among the figures, nested ones by dotted name."""
    found = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found += [(f"{name}: {inner}", text) for inner, text in _measured(value)]
        elif isinstance(value, float):
            found.append((name, f"{value:.4g}"))
    return found
