"""`multitoon adapters`: which styles are here, where they come from, and whether they are whole."""

from __future__ import annotations

from pathlib import Path

import click

from multitoon.cli.output import json_option, print_json, print_table, talk
from multitoon.errors import CheckpointError, ConfigError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def adapters() -> None:
    """List, describe and verify the installed styles.

    \b
    multitoon adapters list
    multitoon adapters info hayao --json

    They come with the package; MULTITOON_ADAPTERS names another folder.
    """


@adapters.command("list")
@json_option
def list_styles(as_json: bool) -> None:
    """One line per style: name, rank, size and license.

    \b
    multitoon adapters list
    multitoon adapters list --json
    """
    from multitoon.checkpoint import adapters_home, shipped_styles

    styles = [_describe(adapters_home() / name) for name in shipped_styles()]
    if as_json:
        print_json(styles)
        return
    rows = [[s["name"], str(s["rank"]), f"{s['bytes'] / 1000:.0f} KB", s["license"]] for s in styles]
    print_table(["STYLE", "RANK", "SIZE", "LICENSE"], rows)


@adapters.command()
@click.argument("name")
@json_option
def info(name: str, as_json: bool) -> None:
    """All that the adapter NAME (or the folder of one) says about itself.

    \b
    multitoon adapters info hayao
    multitoon adapters info ./my-adapter --json
    """
    from multitoon.checkpoint import ADAPTER_WEIGHTS, adapter_facts, file_hash, find_adapter

    folder = find_adapter(name)
    facts = {**_describe(folder), "folder": str(folder), **adapter_facts(folder)}
    facts["sha256"] = file_hash(folder / ADAPTER_WEIGHTS)
    if as_json:
        print_json(facts)
        return
    for key, value in _flat(facts).items():
        click.echo(f"{key}: {value}")


@adapters.command()
@json_option
def verify(as_json: bool) -> None:
    """Check every file against its hash, and load every style onto the backbone. Exit code 1 if one fails.

    \b
    multitoon adapters verify
    MULTITOON_ADAPTERS=./mine multitoon adapters verify --json
    """
    from multitoon.checkpoint import adapters_home, load_adapter, load_backbone, shipped_styles
    from multitoon.index import check_index

    home = adapters_home()
    results = {name: flaw or "ok" for name, flaw in check_index(home).items()}
    backbone = load_backbone(home / "backbone")
    for style in shipped_styles():
        try:
            load_adapter(home / style, backbone)
            results[style] = "ok"
        except (CheckpointError, ConfigError) as error:
            results[style] = str(error)
    failed = sum(result != "ok" for result in results.values())
    if as_json:
        print_json({"folder": str(home), "results": results, "failed": failed})
    else:
        print_table(["FILE OR STYLE", "RESULT"], list(results.items()))
        talk(f"{len(results) - failed} ok, {failed} failed in {home}")
    if failed:
        click.get_current_context().exit(1)


@adapters.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def index(folder: Path) -> None:
    """Write FOLDER/index.json, which `verify` checks by: for those who publish styles.

    \b
    multitoon adapters index adapters
    MULTITOON_ADAPTERS=./mine multitoon adapters verify
    """
    from multitoon.index import write_index

    click.echo(write_index(folder))


def _describe(folder: Path) -> dict[str, object]:
    from multitoon.checkpoint import ADAPTER_WEIGHTS, adapter_facts

    facts = adapter_facts(folder)
    weights = folder / ADAPTER_WEIGHTS
    return {
        "name": folder.name,
        "rank": facts.get("adapter", {}).get("rank"),
        "bytes": weights.stat().st_size if weights.is_file() else 0,
        "license": str(facts.get("license", "not stated")),
    }


def _flat(facts: dict[str, object], prefix: str = "") -> dict[str, object]:
    """Nested mappings as dotted keys."""
    flat: dict[str, object] = {}
    for key, value in facts.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
