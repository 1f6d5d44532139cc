"""Run `python -m d2l_sync` as `d2l-sync`."""

from d2l_sync.cli.main import main

if __name__ == "__main__":
    main()
