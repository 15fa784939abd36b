import pytest

from multitoon.cli.export import SUFFIXES
from multitoon.errors import UnknownNameError, UsageError
from multitoon.export.formats import FORMATS, check_choice
from multitoon.export.wrap import FLOAT_NCHW, Contract


def test_the_command_offers_all():
    assert {name: each.suffix for name, each in FORMATS.items()} == SUFFIXES


@pytest.mark.parametrize(
    ("format", "precision", "contract", "calibrated", "message"),
    [
        ("pt2", "int8", FLOAT_NCHW, True, "pt2 is written in fp32, fp16, not in int8"),
        ("onnx", "int8", FLOAT_NCHW, False, "int8 needs photos"),
        ("onnx", "fp16", FLOAT_NCHW, True, "nothing else does"),
        ("safetensors", "fp32", Contract("uint8"), False, "safetensors holds weights without input"),
        ("executorch", "fp32", FLOAT_NCHW, False, "executorch is bound to one size"),
    ],
)
def test_what_does_not_go_together(format, precision, contract, calibrated, message):
    with pytest.raises(UsageError, match=message):
        check_choice(format, precision, contract, calibrated)


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="Unknown export format 'onx'"):
        check_choice("onx", "fp32", FLOAT_NCHW, False)
    with pytest.raises(UnknownNameError, match="known: fp16, fp32, int8"):
        check_choice("onnx", "int4", FLOAT_NCHW, False)
