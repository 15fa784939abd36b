"""The model card of an adapter, made from its config and from measured figures, never from memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FRONT = """\
---
library_name: multitoon
pipeline_tag: image-to-image
license: other
license_name: see-below
tags: [cartoon, style, adapter, multitoon]
---
"""


def adapter_card(facts: Mapping[str, Any], figures: Mapping[str, Any], sample: str) -> str:
    """The card in Markdown.

    Args:
        facts: what `adapter_config.json` holds (see `checkpoint.save_adapter`).
        figures: what `multitoon evaluate --json` printed, with the command under `command`.
        sample: path of the sample picture, relative to the card.
    """
    style, training = facts["adapter"]["style"], facts["training"]
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in _measured(figures))
    return f"""{FRONT}
# {style}

{facts["summary"]}

![photos and their toons]({sample})

```python
from multitoon import MultiToon
toon = MultiToon.from_pretrained()
toon.set_adapter("{style}")
```

## What it was made from

- Teacher: {facts["teacher"]}
- Photos: {facts["data"]}
- License: {facts["license"]}
- Backbone: `{facts["backbone_sha256"][:16]}`; the adapter is refused on any other.
- Training: {training["steps"]:,} steps in {training["seconds"] / 60:.0f} minutes on {training["hardware"]},
  torch {training["torch"]}. The resolved config stands in `adapter_config.json`.
- {facts["history"]}

## Figures

Measured on {figures["pictures"]} photos that were not trained on, with

    {figures["command"]}

| figure | value |
| --- | --- |
{rows}

## Limits

{facts["limits"]}
"""


def _measured(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Numbers among the figures, nested ones by dotted name."""
    found = []
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found += [(f"{name}: {inner}", text) for inner, text in _measured(value)]
        elif isinstance(value, float):
            found.append((name, f"{value:.4g}"))
    return found
