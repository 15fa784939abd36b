import platform

from multitoon.evaluate import machine as module
from multitoon.evaluate.machine import machine


def test_it_names_processor_cores_and_system(tmp_path, monkeypatch):
    listing = tmp_path / "cpuinfo"
    listing.write_text("processor\t: 0\nmodel name\t: AMD EPYC\n\nprocessor\t: 1\nmodel name\t: AMD EPYC\n")
    monkeypatch.setattr(module, "CPUS", listing)
    assert machine().startswith("AMD EPYC, ")
    assert machine().endswith(f"{platform.system()} {platform.machine()}")
    monkeypatch.setattr(module, "CPUS", tmp_path / "none")
    assert "cores, " in machine()
    assert not machine().startswith("AMD")
