"""How the page looks: paper and ink, one warm accent, system fonts, tiles that are pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping

import gradio as gr
from PIL import Image

from multitoon.image import middle_square

PAPER, INK = "#fbf8f3", "#2d2a32"
CORAL = gr.themes.Color(
    name="coral",
    c50="#fff4f0",
    c100="#ffe5dc",
    c200="#ffccbb",
    c300="#ffab91",
    c400="#fa8a6b",
    c500="#ee6c4d",
    c600="#d95636",
    c700="#b44327",
    c800="#913823",
    c900="#773221",
    c950="#40170d",
)
SAND = gr.themes.Color(
    name="sand",
    c50="#fbf8f3",
    c100="#f4efe7",
    c200="#e8e1d6",
    c300="#d5ccbe",
    c400="#a89f94",
    c500="#7d756d",
    c600="#5e5752",
    c700="#45403d",
    c800="#302c2b",
    c900="#221f20",
    c950="#171516",
)
FONT = ("ui-rounded", "SF Pro Rounded", "Nunito", "Segoe UI", "system-ui", "sans-serif")
THUMB = 160
"""Side in pixels of a style's tile."""

CSS = """
.html-container { padding: 0 !important; }
/* No media query reaches it: Gradio looks for their selectors inside it. */
.fillable { max-width: 1180px !important; padding: 16px clamp(14px, 3vw, 28px) 10px !important; }
footer .divider { display: none; }
#title { padding: 6px 0 0; }
#title h1 { font-size: 30px; font-weight: 800; letter-spacing: -.02em; margin: 0; line-height: 1.1; }
#title h1 b { color: var(--primary-500); font-weight: 800; }
#title p { margin: 2px 0 0; color: var(--body-text-color-subdued); font-size: 16px; }
.quiet, .quiet p { color: var(--body-text-color-subdued); font-size: 14px; }
.quiet { padding: 0 2px; }
.tiles { border: 0 !important; background: none !important; box-shadow: none !important;
  padding: 0 !important; }
.tiles .wrap { display: grid !important; gap: 10px;
  grid-template-columns: repeat(auto-fit, minmax(80px, 1fr)); }
.tiles label { max-width: 130px; position: relative; padding: 0 !important; aspect-ratio: 1;
  border-radius: 14px !important; overflow: hidden;
  background-size: cover !important; background-position: center !important;
  border: 3px solid transparent !important; box-shadow: 0 1px 4px rgb(0 0 0 / .14) !important;
  cursor: pointer; transition: transform .12s, border-color .12s; }
.tiles label:hover { transform: translateY(-2px); }
.tiles label:focus-within { outline: 2px solid var(--primary-300); outline-offset: 2px; }
.tiles label.selected { border-color: var(--primary-500) !important; }
.tiles label input { position: absolute; opacity: 0; }
.tiles label span { position: absolute; inset: auto 0 0 0; margin: 0 !important; padding: 14px 8px 5px;
  color: white !important; font-weight: 700; font-size: 14px; text-align: center;
  background: linear-gradient(transparent, rgb(0 0 0 / .62)); }
.shelf .grid-wrap, .shelf button.gallery-item { border-radius: 10px; }
.unseen { display: none !important; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 16px; padding: 2px 4px 8px; font-size: 14px; }
.legend .dot { display: inline-flex; align-items: center; gap: 6px; }
.legend i { width: 13px; height: 13px; border-radius: 50%; display: inline-block; }
.facts { width: 100%; font-size: 14px; border-collapse: collapse; border: 0 !important; }
.facts tr { border: 0 !important; }
.facts th, .facts td { border: 0 !important;
  border-bottom: 1px solid var(--border-color-primary) !important; }
.facts th { text-align: left; font-weight: 600; color: var(--body-text-color-subdued); vertical-align: top;
  padding: 5px 12px 5px 2px; white-space: nowrap; }
.facts td { overflow-wrap: anywhere; padding: 5px 2px; }
.card { max-width: 76ch; font-size: 15px; }
.card h1 { font-size: 26px; } .card h2 { font-size: 19px; } .card h3 { font-size: 18px; }
.card table, .card th, .card td { border-color: var(--border-color-primary) !important; font-size: 14px; }
.card th, .card td { padding: 4px 10px !important; }
.card ul { padding-left: 1.2em; }
.hint p { font-weight: 600; margin: 0; }
.plain { border: 0 !important; background: none !important; box-shadow: none !important; }
/* as large for a small preview as for the whole picture */
.result:not(.fullscreen) :is(button:has(> .image-frame), .image-frame) { width: 100% !important; }
.result:not(.fullscreen) img { width: 100%; height: auto !important; max-height: min(560px, 75vh);
  object-fit: contain !important; }
.result:not(.empty) { border: 0 !important; background: none !important; box-shadow: none !important; }
.result.empty { min-height: 300px; }
.steps ol { padding-left: 1.3em; }
.card details { margin: 12px 0; } .card summary { cursor: pointer; font-weight: 600; }
@media (max-width: 640px) {
  #stylize-row .gallery-item :is(.container, img) { width: 72px !important; height: 72px !important; }
  /* photo, tiles, toon and its buttons, then the fine tuning */
  #stylize-row > .column, #mix-row > .column { display: contents; }
  #stylize-row > .column > *, #mix-row > .column > * { flex: 1 1 100%; order: 3; }
  #stylize-row #photo, #mix-row #mix-photo { order: 0; height: 150px !important; }
  #stylize-row #style, #mix-row #mix-result { order: 1; }
  #stylize-row #before-after, #stylize-row #toon-buttons, #stylize-row #note { order: 2; }
  #hole-paint, #mix-paint { height: 340px !important; }
  .shelf .grid-container { grid-template-columns: repeat(2, minmax(0, 1fr)) !important; }
  .paired button { padding-left: 8px; padding-right: 8px; }
  #title h1 { font-size: 26px; }
  .tiles .wrap { grid-template-columns: repeat(4, 1fr); gap: 8px; }
  .tiles label span { font-size: 13px; padding: 14px 2px 4px; }
  .result.empty { min-height: 120px; }
}
"""


def theme() -> gr.themes.Base:
    """Paper and ink by day, the same at night; no fonts from elsewhere."""
    return gr.themes.Soft(
        primary_hue=CORAL,
        secondary_hue=CORAL,
        neutral_hue=SAND,
        radius_size=gr.themes.sizes.radius_lg,
        font=FONT,
        font_mono=("ui-monospace", "Consolas", "monospace"),
    ).set(
        body_background_fill=PAPER,
        body_text_color=INK,
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        block_shadow="0 1px 3px rgb(45 42 50 / 0.07)",
        block_label_background_fill="*neutral_100",
        block_label_background_fill_dark="*neutral_700",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_200",
        block_label_text_weight="600",
        block_title_text_color="*neutral_700",
        block_title_text_weight="600",
        block_title_background_fill="none",
        block_title_padding="0",
        button_primary_background_fill="*primary_500",
        button_primary_background_fill_hover="*primary_600",
        button_primary_text_color="white",
        button_large_text_weight="700",
    )


def tiles_css(thumbs: Mapping[str, Image.Image], labels: Mapping[str, str]) -> str:
    """A `<style>` element that gives the tile of each style (shown as `labels[style]`) its picture."""
    rules = []
    for style, thumb in thumbs.items():
        tile = f'.tiles label[data-testid="{labels[style]}-radio-label"]'
        rules.append(f'{tile} {{ background-image: url("{_data_url(thumb)}") !important; }}')
    return "<style>" + "\n".join(rules) + "</style>"


def square(image: Image.Image, side: int = THUMB) -> Image.Image:
    """The middle of `image` as a square of `side` pixels."""
    return middle_square(image).resize((side, side), Image.Resampling.LANCZOS)


def _data_url(image: Image.Image) -> str:
    """A tile as a JPEG in the page itself: it is decoration, no result."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
