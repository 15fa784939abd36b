import dataclasses

from multitoon.evaluate.figures import Evaluation, FeatureGap, Gap, StyleFigures
from multitoon.evaluate.lines import Lines
from multitoon.evaluate.report import rows

LINES = Lines(0.1, 0.2, 0.3, 0.4)
PLAIN = Evaluation("hayao", 3, 256, 0.5, 0.6, 1.0, 1.0, 1.0, 1.0, 0.1, 0.1, LINES, LINES)


def names(pictures: int) -> list[str]:
    gap = FeatureGap(kid=Gap(0.1, 0.2), fid=Gap(10.0, 20.0))
    style = StyleFigures(pictures, Gap(1.0, 2.0), Gap(1.0, 2.0), {"2048": gap, "768": gap})
    result = dataclasses.replace(PLAIN, pictures=pictures, style=style)
    return [row[0] for row in rows(result) if "ID" in row[0]]


def test_kid_first_for_few_pictures_and_each_by_its_name():
    assert names(3) == ["KID (n=3, 3)", "FID (n=3, 3)", "KID-768 (n=3, 3)", "FID-768 (n=3, 3)"]
    assert [name.split()[0] for name in names(2000)] == ["FID", "KID", "FID-768", "KID-768"]


def test_without_references_there_is_no_row_for_them():
    found = {row[0] for row in rows(PLAIN)}
    assert "SSIM" in found
    assert not any(word in name for name in found for word in ("ID", "score", "flicker", "teacher", "ms ("))
