import base64
import hashlib
import io
import tarfile
import urllib.error

import pytest

from multitoon.errors import CheckpointError, UsageError
from multitoon.export.web import runtime
from multitoon.export.web.runtime import FILES, cached, registry, vendor


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of the right names with few bytes in it, and a cache of one's own."""
    path = tmp_path / "onnxruntime-web.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name in (*FILES, "../../outside"):
            entry = tarfile.TarInfo(f"package/dist/{name}")
            entry.size = len(name)
            archive.addfile(entry, io.BytesIO(name.encode()))
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    monkeypatch.setattr(runtime, "INTEGRITY", digest)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://registry.example/npm/")
    return path


def test_from_a_file(package, tmp_path):
    vendor(tmp_path / "out", package)
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {n: n for n in FILES}


def test_from_a_folder(tmp_path):
    (tmp_path / "node/dist").mkdir(parents=True)
    for name in FILES:
        (tmp_path / "node/dist" / name).write_text(name)
    vendor(tmp_path / "out", tmp_path / "node")
    assert len(list((tmp_path / "out").iterdir())) == len(FILES)
    (tmp_path / "node/dist" / FILES[1]).unlink()
    with pytest.raises(UsageError, match=rf"holds no {FILES[1]}"):
        vendor(tmp_path / "again", tmp_path / "node")


def test_fetched_once(package, tmp_path, monkeypatch):
    asked = []

    def answer(url, timeout):
        asked.append(url)
        return package.open("rb")

    monkeypatch.setattr("urllib.request.urlopen", answer)
    vendor(tmp_path / "one")
    vendor(tmp_path / "two")
    assert asked == [f"https://registry.example/npm/onnxruntime-web/-/onnxruntime-web-{runtime.VERSION}.tgz"]
    assert cached().read_bytes() == package.read_bytes()


def test_another_package_is_refused(package, tmp_path, monkeypatch):
    package.write_bytes(package.read_bytes() + b"\0")
    with pytest.raises(CheckpointError, match=r"onnxruntime-web.tgz is not onnxruntime-web .*SHA-512"):
        vendor(tmp_path / "out", package)
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: package.open("rb"))
    with pytest.raises(CheckpointError, match="SHA-512"):
        vendor(tmp_path / "out")
    assert not cached().exists()


def test_no_network(package, tmp_path, monkeypatch):
    def answer(url, timeout):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", answer)
    with pytest.raises(CheckpointError, match="could not be fetched: no route to host") as caught:
        vendor(tmp_path / "out")
    assert "--runtime" in caught.value.hint


def test_the_public_registry_without_npm(monkeypatch):
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert registry() == "https://registry.npmjs.org"
