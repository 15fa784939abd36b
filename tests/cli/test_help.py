import resource
import subprocess
import sys

import click
import pytest

from multitoon.cli import COMMANDS, LazyGroup, main


def commands(path: tuple[str, ...], command: click.Command) -> list[tuple[str, click.Command]]:
    """`command` and, of a group, all below it, with their words."""
    found = [(" ".join(path), command)]
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            found += commands((*path, name), below)
    return found


def imports_torch(*words: str) -> bool:
    """Whether `multitoon WORDS` in a process of its own imports torch."""
    code = (
        "import sys; from multitoon.cli import main;"
        "main(sys.argv[1:], standalone_mode=False); print('torch' in sys.modules)"
    )
    output = subprocess.check_output([sys.executable, "-c", code, *words], text=True)
    return output.splitlines()[-1] == "True"


def test_help_needs_no_torch_and_no_half_second():
    assert not imports_torch("--help")
    # Processor time, which is the wall's on an idle machine and the same on a busy one.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "multitoon", "--help"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.5


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_needs_no_torch(name):
    assert not imports_torch(name, "--help")


@pytest.mark.parametrize("name", COMMANDS)
def test_help_texts_have_two_examples_and_the_line_of_the_list(name):
    command = main.get_command(click.Context(main), name)
    assert COMMANDS[name][2] == command.get_short_help_str(200)
    for words, below in commands((name,), command):
        examples = [line for line in below.help.splitlines() if "multitoon " in line]
        assert len(examples) >= 2, words


def test_help_lists_the_commands(run):
    result = run("--help")
    assert result.exit_code == 0
    assert all(name in result.stdout for name in COMMANDS)
    assert "130 interrupted" in result.stdout


def test_version(run):
    assert run("--version").stdout == "multitoon 0.1.0\n"


def test_unknown_command_offers_the_nearest(run):
    result = run("stylise")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Unknown command 'stylise'" in result.stderr
    assert "Hint: Did you mean 'stylize'?" in result.stderr


def test_interrupt_is_130(run, monkeypatch):
    @click.command()
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(LazyGroup, "get_command", lambda *_: stop)
    result = run("stylize")
    assert result.exit_code == 130
    assert result.stderr == "Interrupted.\n"
