"""`python -m escruta.apps.cli` is the command `escruta`."""

from escruta.apps.cli import main

if __name__ == "__main__":
    main(prog_name="escruta")
