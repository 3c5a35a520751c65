"""The command line: ``zkynet --help``."""


def main() -> None:
    """Run the command line."""
    from zkynet.__main__ import main as demo

    demo()
