"""The user's key for Kaggle, from where Kaggle's own programs take it."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

from zkynet.errors import FileFormatError, MissingFileError


def authorization() -> str:
    """The field of a request that tells Kaggle who asks; looked for in the environment, then in the user's files.

    ``KAGGLE_USERNAME`` and ``KAGGLE_KEY``; ``KAGGLE_API_TOKEN``; ``kaggle.json`` or ``access_token`` in
    ``KAGGLE_CONFIG_DIR``, ``~/.kaggle`` or ``~/.config/kaggle``.
    """
    environment = os.environ
    if environment.get("KAGGLE_USERNAME") and environment.get("KAGGLE_KEY"):
        return _basic(environment["KAGGLE_USERNAME"], environment["KAGGLE_KEY"])
    if environment.get("KAGGLE_API_TOKEN"):
        return f"Bearer {environment['KAGGLE_API_TOKEN'].strip()}"
    folders = [Path.home() / ".kaggle", Path.home() / ".config" / "kaggle"]
    if environment.get("KAGGLE_CONFIG_DIR"):
        folders.insert(0, Path(environment["KAGGLE_CONFIG_DIR"]))
    for folder in folders:
        if (folder / "kaggle.json").is_file():
            return _of_file(folder / "kaggle.json")
        if (folder / "access_token").is_file():
            return f"Bearer {(folder / 'access_token').read_text().strip()}"
    raise MissingFileError(
        "there is no key for Kaggle",
        facts=[f"looked for  {folders[0] / 'kaggle.json'}", "and for     KAGGLE_USERNAME and KAGGLE_KEY"],
        fix='sign in at https://www.kaggle.com, choose "Create New Token" in your settings, and save the file '
        f"kaggle.json in {folders[0]}",
        path=str(folders[0] / "kaggle.json"),
    )


def _of_file(path: Path) -> str:
    try:
        content = json.loads(path.read_text())
        return _basic(content["username"], content["key"])
    except (ValueError, KeyError, TypeError) as e:
        raise FileFormatError(
            f"{path} is no key of Kaggle",
            facts=['expected  {"username": "…", "key": "…"}', f"reason    {type(e).__name__}"],  # never what it holds
            fix='choose "Create New Token" in your settings at https://www.kaggle.com, and save the file anew',
            path=str(path),
        ) from None


def _basic(user: str, key: str) -> str:
    return "Basic " + base64.b64encode(f"{user.strip()}:{key.strip()}".encode()).decode()
