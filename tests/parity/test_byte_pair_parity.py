"""The byte-pair tokenizer against Hugging Face's `tokenizers`: pieces, what is learned, what is encoded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkynet.data import BytePairTokenizer
from zkynet.data.text.gpt2_files import sign_of_byte
from zkynet.data.text.splitting import pieces

tokenizers = pytest.importorskip("tokenizers", reason="it is the reference here; nox -s parity installs it")

pytestmark = [pytest.mark.slow, pytest.mark.once]

SIGNS = sign_of_byte()


def corpus() -> str:
    from pydoc_data.topics import topics

    return "\n".join(topics.values())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_same_pairs_are_learned_with_the_same_ties() -> None:
    """Bytes as characters of Latin-1, so that both order them alike; each piece a text of its own."""
    text = corpus()
    reference = tokenizers.Tokenizer(tokenizers.models.BPE())
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=3000, min_frequency=2, initial_alphabet=[chr(b) for b in range(256)], show_progress=False
    )
    reference.train_from_iterator((piece.encode().decode("latin-1") for piece in pieces(text)), trainer)
    learned = json.loads(reference.to_str())["model"]["merges"]
    mine = BytePairTokenizer.train(text, 3000).merges
    assert [(a.decode("latin-1"), b.decode("latin-1")) for a, b in mine] == [tuple(pair) for pair in learned]


def reference_of_files(vocabulary: Path, merges: Path) -> object:
    reference = tokenizers.Tokenizer(tokenizers.models.BPE.from_file(str(vocabulary), str(merges)))
    reference.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    return reference


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What `tokenizers` learns, in the two files that it writes."""
    folder = tmp_path_factory.mktemp("gpt2")
    reference = tokenizers.Tokenizer(tokenizers.models.BPE())
    reference.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = [SIGNS[b] for b in range(256)]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=2000, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"], show_progress=False
    )
    reference.train_from_iterator([corpus()], trainer)
    vocabulary, merges = reference.model.save(str(folder))
    return Path(vocabulary), Path(merges)


def test_its_files_are_read_and_encode_the_same(files: tuple[Path, Path]) -> None:
    reference, mine = reference_of_files(*files), BytePairTokenizer.from_gpt2_files(*files)
    text = corpus()
    assert mine.encode(text).tolist() == reference.encode(text).ids  # type: ignore[attr-defined]
    assert (len(mine), mine.eos_id) == (2000, 0)

    @settings(max_examples=400, deadline=None)
    @given(st.text())
    def any_text(text: str) -> None:
        assert mine.encode(text).tolist() == reference.encode(text).ids  # type: ignore[attr-defined]

    any_text()


def kinds() -> st.SearchStrategy[str]:
    """Characters of every kind that the pieces depend on."""
    return st.sampled_from(list("ab sS'tvredlm12½²Ⅷ٣一é́_!\t\n\x1c\x85\u00a0\u3000\u200b日😀"))


def test_pieces_are_the_same() -> None:
    splitter = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)

    @settings(max_examples=3000, deadline=None)
    @given(st.lists(kinds(), max_size=12).map("".join))
    def any_mixture(text: str) -> None:
        expected = [piece for piece, _ in splitter.pre_tokenize_str(text)]
        assert ["".join(SIGNS[b] for b in piece.encode()) for piece in pieces(text)] == expected

    any_mixture()
