"""``python -m gamesockets``: see whether a server answers, be one, measure one."""

from gamesockets._cli import main

if __name__ == "__main__":
    main()
