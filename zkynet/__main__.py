"""``python -m zkynet``: the same as the command ``zkynet``."""

from zkynet.cli import main

if __name__ == "__main__":
    main()
