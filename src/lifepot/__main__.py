"""`python -m lifepot`: the command line."""

from lifepot.cli import main

if __name__ == "__main__":
    main()
