"""The figures of an evaluation as rows of a table: its name, the toon's, the photo's, the teacher's."""

from __future__ import annotations

from multitoon.evaluate.figures import Evaluation, StyleFigures

Row = tuple[str, str, str, str]
HEADER = ("FIGURE", "TOON", "PHOTO", "TEACHER")
STANDARD = "2048"
"""Features whose distances are called FID and KID without an addition."""
KID_FIRST = 2000
"""Pictures below which FID's bias is large, and KID stands before it."""


def rows(result: Evaluation) -> list[Row]:
    """All figures that were measured; where a photo or a teacher has none, a blank."""
    drift = f"{result.teacher.color_drift:.3f}" if result.teacher else ""
    found = [
        ("SSIM", f"{result.ssim:.4f}", "1", ""),
        ("gradient similarity", f"{result.gradient_similarity:.4f}", "1", ""),
    ]
    if result.content_distance is not None:
        found.append(("content distance (VGG19 conv4_4)", f"{result.content_distance:.4f}", "0", ""))
    found += [
        ("color drift (CIEDE2000)", f"{result.color_drift:.3f}", "0", drift),
        ("border ratio", f"{result.border_ratio:.3f}", "", ""),
        ("checkerboard", f"{result.checkerboard:.3f}", f"{result.checkerboard_photo:.3f}", ""),
        ("flat share", f"{result.flat_share:.4f}", f"{result.flat_share_photo:.4f}", ""),
        *_lines(result),
    ]
    if result.teacher:
        for name, agreement in (("", result.teacher.detail), (", pooled", result.teacher.detail_pooled)):
            found += [
                (f"detail correlation{name}", f"{agreement.toon:.4f}", f"{agreement.photo:.4f}", "1"),
                (f"detail covered{name}", _percent(agreement.covered), "0 %", "100 %"),
            ]
    if result.drift_ratio is not None:
        found.append(("drift over teacher's", f"{result.drift_ratio:.3f}", "0", "1"))
    if result.style:
        found += _style(result.style, result.pictures)
    if result.score:
        name = f"inception score, {result.score.classifier} (n={result.pictures})"
        found.append((name, f"{result.score.toon:.3f}", f"{result.score.photo:.3f}", ""))
    return found + _clip(result) + _network(result)


def _lines(result: Evaluation) -> list[Row]:
    sides = [result.lines, result.lines_photo, result.teacher.lines if result.teacher else None]
    names = {
        "lines: share of pixels": "share",
        "lines: depth": "depth",
        "lines: in strokes": "strokes",
        "lines: on the photo's edges": "supported",
    }
    return [
        (name, *("" if side is None else f"{getattr(side, key):.4f}" for side in sides))
        for name, key in names.items()
    ]


def _style(style: StyleFigures, pictures: int) -> list[Row]:
    counts = f"(n={pictures}, {style.style_pictures})"
    found = [
        (f"colors to the style's {counts}", f"{style.color.toon:.3f}", f"{style.color.photo:.3f}", ""),
        (
            f"gradients to the style's {counts}",
            f"{style.gradient.toon:.3f}",
            f"{style.gradient.photo:.3f}",
            "",
        ),
    ]
    for features, gap in style.inception.items():
        suffix = "" if features == STANDARD else f"-{features}"
        kid = (f"KID{suffix} {counts}", f"{gap.kid.toon:.4f}", f"{gap.kid.photo:.4f}", "")
        fid = (f"FID{suffix} {counts}", f"{gap.fid.toon:.2f}", f"{gap.fid.photo:.2f}", "")
        found += [kid, fid] if min(pictures, style.style_pictures) < KID_FIRST else [fid, kid]
    return found


def _clip(result: Evaluation) -> list[Row]:
    if not result.clip:
        return []
    clip = result.clip
    return [
        (f"flicker, levels ({clip.frames} frames)", f"{clip.flicker:.3f}", f"{clip.flicker_photo:.3f}", ""),
        ("blocks followed", _percent(clip.followed), "", ""),
    ]


def _network(result: Evaluation) -> list[Row]:
    found = []
    if result.network:
        network = result.network
        found += [
            ("parameters, merged", f"{network.parameters:,}", "", ""),
            ("parameters, adapter", f"{network.adapter_parameters:,}", "", ""),
            ("backbone, bytes", f"{network.backbone_bytes:,}", "", ""),
            ("adapter, bytes", f"{network.adapter_bytes:,}", "", ""),
            ("merge parity", f"{network.parity:.1e}", "", ""),
            ("merge parity at the border", f"{network.parity_border:.1e}", "", ""),
        ]
    if result.cost:
        cost = result.cost
        place = f"{cost.size[1]}x{cost.size[0]}, {cost.threads} threads"
        found.append((f"ms ({place})", f"{cost.milliseconds:.0f}", "", ""))
        if cost.peak_megabytes is not None:
            found.append((f"peak MB ({place})", f"{cost.peak_megabytes:.0f}", "", ""))
    return found


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
