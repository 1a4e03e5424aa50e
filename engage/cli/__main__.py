"""`python -m engage.cli` is the command `engage`."""

from engage.cli import main

if __name__ == "__main__":
    main(prog_name="engage")
