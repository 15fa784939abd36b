"""The user's object: a photo in, a toon out, in one style, a mix, or a style per region."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from multitoon import checkpoint, lookup
from multitoon.canvas import at_full_size, canvas_of
from multitoon.color import keep_color
from multitoon.device import pick_device
from multitoon.draw_size import DRAW_SIZE
from multitoon.errors import UnknownNameError, UsageError
from multitoon.image import Photo, float_to_pixels, pixels_to_float, to_photo, to_pixels
from multitoon.model.adapter import MAX_STRENGTH, Weight
from multitoon.model.backbone import Backbone
from multitoon.model.toon import StyledBackbone
from multitoon.paper import on_paper
from multitoon.regions import by_region, mask_of, mixed_by_region
from multitoon.strength import exaggerated, within
from multitoon.tiles import apply_tiled

TILE = 1024
"""Side in pixels that a tile keeps: the halo costs little, and activations stay below 300 MB."""
UNMERGED_TILE = 768
"""The same for networks that keep their adapters apart and hold several maps where others hold one."""
MERGED_KEPT = 8
"""How many merged networks (2.2 MB each) are kept for styles that come again."""
WRITTEN_ANEW = {"adapter", "backbone", "backbone_sha256", "library"}
"""Keys of an adapter's config that saving makes itself; the others are handed on."""

Style = str | Mapping[str, float]
"""A style's name, or styles with their weights: `{"hayao": 0.6, "ink": 0.4}`."""


class MultiToon:
    """One backbone with the adapters of its styles.

    >>> toon = MultiToon.from_pretrained()                                          # doctest: +SKIP
    >>> toon.set_adapter({"hayao": 0.6, "ink": 0.4})                                # doctest: +SKIP
    >>> toon.stylize(Image.open("photo.jpg"), strength=0.8).save("toon.png")        # doctest: +SKIP
    """

    def __init__(self, backbone: Backbone, device: str = "cpu") -> None:
        self.network = StyledBackbone(backbone).eval()
        """The tensor level: all loaded adapters, unmerged."""
        self.device = pick_device(device)
        """Where pictures are drawn."""
        self.active: dict[str, float] = {}
        """The styles of the next toon and their weights, as `set_adapter` left them."""
        self._homes: list[Path] = []
        self._folders: dict[str, Path] = {}
        self._merged: dict[tuple[tuple[str, float], ...], Backbone] = {}

    @classmethod
    def from_pretrained(cls, source: str | Path | None = None, device: str = "cpu") -> MultiToon:
        """The shipped backbone and its styles, or those in `source`.

        Args:
            source: a folder with `backbone/` and a folder per style, a backbone's folder itself, or a
                repository of the Hub that holds one: `someone/multitoon-backbone@v1`.
            device: `auto`, `cpu`, `cuda` or `mps`.

        Raises:
            CheckpointError: no backbone there, or a damaged one.
            HubError: a repository that cannot be had.
            UsageError: a device that this machine does not have.
        """
        home = checkpoint.adapters_home() if source is None else lookup.find_backbone(source)
        if (home / checkpoint.BACKBONE_CONFIG).is_file():
            return cls(checkpoint.load_backbone(home), device)
        toon = cls(checkpoint.load_backbone(home / "backbone"), device)
        toon._homes = checkpoint.adapters_homes() if source is None else [home]
        return toon

    @property
    def styles(self) -> list[str]:
        """All names that `set_adapter` takes: the loaded ones and those that ship with the backbone."""
        return sorted({*self.network.adapters, *checkpoint.styles_in(self._homes)})

    def load_adapter(self, source: str | Path, name: str | None = None) -> str:
        """Load an adapter, not making it active: a folder, a shipped style, or `someone/multitoon-ink@v1`.

        Returns the name it goes by: `name`, or the one in its config.

        Raises:
            UnknownNameError: neither a folder, a shipped style nor a repository.
            UsageError: a name that is not made of a-z, 0-9, - and _.
            CheckpointError: damaged, incomplete, or made for another backbone (`BackboneMismatchError`).
            HubError: a repository that cannot be had.
        """
        folder = lookup.find_adapter(source, self._homes)
        adapter = checkpoint.load_adapter(folder, self.network.cpu().backbone)
        name = lookup.check_style(name or adapter.config.style)
        self.network.add_adapter(name, adapter)
        self._folders[name] = folder
        self._merged.clear()
        return name

    def set_adapter(self, style: Style) -> None:
        """Draw in `style` from now on: names, folders and repositories of the Hub, loaded as needed.

        Raises:
            UnknownNameError: a style that is neither loaded nor shipped.
            UsageError: an empty mix, a weight outside [0, 1.5], or two adapters of one name.
            CheckpointError, HubError: as in `load_adapter`.
        """
        mix = {style: 1.0} if isinstance(style, str) else dict(style)
        if not mix:
            raise UsageError("A mix needs at least one style.", f"Styles: {', '.join(self.styles)}.")
        self.active = self._loaded(mix)

    def merge(self) -> Backbone:
        """The active styles as one plain network, without adapter code and equal to it (for export).

        Raises:
            UsageError: no style is active, or their weights sum to more than 1: beyond it toons are
                exaggerated (`strength.py`), which weights alone do not draw.
        """
        mix, beyond = within(self._active(), 1.0)
        if beyond > 1 + 1e-6:
            scaled = ",".join(f"{name}:{math.floor(100 * weight) / 100:g}" for name, weight in mix.items())
            raise UsageError(
                f"The weights sum to {beyond:g}; one plain network draws at most 1.",
                f"The same mix: {scaled}",
            )
        return self.network.cpu().merged(mix)

    def save_adapter(self, name: str, folder: str | Path) -> None:
        """Write the adapter called `name` into `folder`: config (with license and origin) and weights.

        Raises:
            UnknownNameError: no such style.
        """
        self._loaded({name: 1.0})
        facts = checkpoint.adapter_facts(self._folders[name]) if name in self._folders else {}
        own = {key: value for key, value in facts.items() if key not in WRITTEN_ANEW}
        checkpoint.save_adapter(self.network.adapters[name], folder, self.network.cpu().backbone, **own)

    def hash_of(self, name: str) -> str:
        """SHA-256 of the file of weights that the style `name` was loaded from.

        Raises:
            UnknownNameError: no style of that name was loaded from a folder.
        """
        if name not in self._folders:
            raise UnknownNameError("loaded style", name, self._folders)
        return checkpoint.file_hash(self._folders[name] / checkpoint.ADAPTER_WEIGHTS)

    def stylize(
        self,
        photo: Image.Image | Photo,
        strength: float = 1.0,
        *,
        regions: Mapping[str, Image.Image] | None = None,
        preserve_color: bool = False,
        paper: bool = True,
        max_size: int | None = None,
        draw_size: int | None = DRAW_SIZE,
    ) -> Image.Image:
        """The toon of `photo`, of the same size, upright, with the photo's alpha.

        Args:
            strength: 0 gives the backbone's picture, 1 the style, up to 1.5 exaggerates it.
            regions: a mask per style, of the photo's shape: where it is white that style is drawn, where it
                is gray in part, and where all are black the active one.
            preserve_color: keep the photo's colors, take only light and shade from the toon.
            paper: lay the toon on the style's paper, if it has one (`paper.py`).
            max_size: scale the photo down first, until its longer side has at most so many pixels.
            draw_size: shorter side in pixels at which the network draws; a larger toon is enlarged from there
                along the photo's edges (`filters/upsample.py`). None draws every pixel of any photo.

        Raises:
            UsageError: no active style, a strength outside [0, 1.5], a mask of another shape, a size below 1.
            UnknownNameError: a style in `regions` that there is not.
        """
        photo = photo if isinstance(photo, Photo) else to_photo(photo)
        if max_size is not None:
            photo = photo.scaled(max_size)
        canvas = canvas_of(photo.rgb, draw_size)
        pixels = to_pixels(canvas)
        mix, beyond = within(self._active(), strength)
        if regions:
            inside = self._loaded(dict.fromkeys(regions, 1.0))
            masks = [to_pixels(mask_of(image, canvas.size)) for image in regions.values()]
            pixels = torch.cat([pixels, *masks], 1)  # (1, 3 + regions, H, W)
            places = (mix, list(inside), strength / beyond)
            network = by_region(self.network.to(self.device), *places)
            toon = self._draw(exaggerated(network, beyond), pixels, preserve_color, UNMERGED_TILE)
            mix = mixed_by_region(pixels_to_float(pixels[:, 3:]), *places)
        else:
            toon = self._draw(exaggerated(self._plain(mix), beyond), pixels, preserve_color, TILE)
        return _finished(toon, canvas, photo, self.network.paper(mix) * beyond if paper else 0)

    def stylize_batch(
        self,
        photos: Sequence[Image.Image | Photo],
        styles: Sequence[Style],
        strength: float = 1.0,
        *,
        preserve_color: bool = False,
        paper: bool = True,
        draw_size: int | None = DRAW_SIZE,
    ) -> list[Image.Image]:
        """A toon for each of `photos`, each in its own style; pictures of one size go through together.

        Raises:
            UsageError: not as many styles as photos, or as in `stylize`.
            UnknownNameError: a style that there is not.
        """
        if len(photos) != len(styles):
            raise UsageError(f"{len(styles)} styles for {len(photos)} photos; give one for each.")
        mixes = [{style: 1.0} if isinstance(style, str) else dict(style) for style in styles]
        mixes = [within(self._loaded(mix), strength) for mix in mixes]
        photos = [photo if isinstance(photo, Photo) else to_photo(photo) for photo in photos]
        toons: dict[int, Image.Image] = {}
        canvases = [canvas_of(photo.rgb, draw_size) for photo in photos]
        for group in _batches([canvas.size for canvas in canvases]):
            pixels = torch.cat([to_pixels(canvases[i]) for i in group])
            beyond = torch.tensor([mixes[i][1] for i in group], device=self.device).view(-1, 1, 1, 1)
            network = exaggerated(self._unmerged([mixes[i][0] for i in group]), beyond)
            drawn = self._draw(network, pixels, preserve_color, UNMERGED_TILE)
            for i, toon in zip(group, drawn.split(1), strict=True):
                mix, exaggeration = mixes[i]
                grain = self.network.paper(mix) * exaggeration if paper else 0
                toons[i] = _finished(toon, canvases[i], photos[i], grain)
        return [toons[i] for i in range(len(photos))]

    def _draw(
        self, network: Callable[[Tensor], Tensor], pixels: Tensor, preserve_color: bool, tile: int
    ) -> Tensor:
        """uint8 (B, C, H, W) through `network` (float to float), as uint8 (B, 3, H, W)."""

        def window(part: Tensor) -> Tensor:
            x = pixels_to_float(part.to(self.device))
            y = network(x)
            return float_to_pixels(keep_color(y.clamp(-1, 1), x[:, :3]) if preserve_color else y).cpu()

        backbone = self.network.backbone
        side = tile if backbone.tileable else None
        with torch.inference_mode():
            return apply_tiled(window, pixels, tile=side, halo=backbone.halo, multiple=backbone.multiple)

    def _plain(self, mix: dict[str, float]) -> nn.Module:
        """The merged network of `mix`: as fast as one that never had adapters."""
        key = tuple(sorted(mix.items()))
        if key not in self._merged:
            if len(self._merged) == MERGED_KEPT:
                del self._merged[next(iter(self._merged))]
            # Merging sums in float64, which not every device has.
            self._merged[key] = self.network.cpu().merged(mix).to(self.device)
        return self._merged[key]

    def _unmerged(self, mixes: list[dict[str, float]]) -> Callable[[Tensor], Tensor]:
        network = self.network.to(self.device)
        return lambda x: network(x, mixes)

    def _active(self) -> dict[str, float]:
        if not self.active:
            names = self.styles
            raise UsageError(
                f"No style is active; known: {', '.join(names) or 'none'}.",
                f"Call set_adapter({names[0]!r}) first." if names else "",
            )
        return self.active

    def _loaded(self, mix: Mapping[str, float]) -> dict[str, float]:
        """`mix` by the names that its styles go by, all of them loaded."""
        named: dict[str, float] = {}
        for source, weight in mix.items():
            if not (math.isfinite(weight) and 0 <= weight <= MAX_STRENGTH):
                raise UsageError(f"The weight of {source} is {weight}, must be 0 to {MAX_STRENGTH}.")
            name, folder = source, None
            if source not in self.network.adapters:
                plain = lookup.is_name(source)
                if plain and source not in self.styles:
                    raise UnknownNameError("style", source, self.styles)
                folder = lookup.find_adapter(source, self._homes)
                name = source if plain else lookup.style_of(folder)
            if name in named:
                raise UsageError(
                    f"{source} is called {name!r}, as another style of the mix is.",
                    f"Give it a name of its own: load_adapter({source!r}, {name + '-2'!r}).",
                )
            if folder is not None and self._folders.get(name) != folder:
                self.load_adapter(folder, name)
            named[name] = weight
        return named


def _finished(toon: Tensor, canvas: Image.Image, photo: Photo, grain: Weight) -> Image.Image:
    """What was drawn on `canvas` at the photo's size, on paper of this `grain`, with the photo's alpha."""
    where = grain[0, 0].numpy() if isinstance(grain, Tensor) else grain
    return photo.finish(on_paper(at_full_size(toon, canvas, photo.rgb), where))


def _batches(sizes_wh: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Indices of pictures of one size, in groups that fit into the memory of one tile."""
    same: dict[tuple[int, int], list[int]] = {}
    for i, size_wh in enumerate(sizes_wh):
        same.setdefault(size_wh, []).append(i)
    groups = []
    for (width, height), indices in same.items():
        count = max(1, UNMERGED_TILE**2 // (width * height))
        groups += [indices[start : start + count] for start in range(0, len(indices), count)]
    return groups
