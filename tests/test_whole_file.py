import pytest

from multitoon.errors import ImageReadError, OutputError
from multitoon.whole_file import whole_file


def test_the_file_appears_when_the_block_ends_well(tmp_path):
    path = tmp_path / "new" / "a.png"
    with whole_file(path) as part:
        part.write_text("whole")
        assert part.suffix == ".png"
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_there_stays_unless_asked(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("mine")
    with pytest.raises(OutputError, match=r"a\.txt exists already\.") as caught, whole_file(path):
        pass
    assert "--overwrite" in caught.value.hint
    with whole_file(path, overwrite=True) as part:
        part.write_text("new")
    assert path.read_text() == "new"


def fail_halfway(part, error):
    part.write_text("half")
    raise error


@pytest.mark.parametrize(
    ("error", "seen", "sentence"),
    [
        (OSError(28, "No space"), OutputError, "could not be written: No space."),
        (OSError("broken data stream"), OutputError, "could not be written: broken data stream."),
        (ImageReadError("photo.jpg is damaged."), ImageReadError, "photo.jpg is damaged."),
        (KeyboardInterrupt(), KeyboardInterrupt, ""),
    ],
)
def test_a_block_that_fails_leaves_nothing(tmp_path, error, seen, sentence):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(seen) as caught, whole_file(path, overwrite=True) as part:
        fail_halfway(part, error)
    assert str(caught.value).endswith(sentence)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
