"""`python -m multitoon`, which is also what `torchrun -m multitoon` runs."""

from multitoon.cli import main

main(prog_name="multitoon")
