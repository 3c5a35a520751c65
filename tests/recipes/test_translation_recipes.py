"""The two lessons on translation: that they run, and what their models and figures have to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.recipes import load_recipe, translation_task
from zkynet.recipes.seq2seq_attention import Translator
from zkynet.recipes.seq2seq_attention import translate as translate_recurrently
from zkynet.recipes.transformer import Transformer, looks
from zkynet.recipes.transformer import translate as translate_by_attention
from zkynet.recipes.translation_task import loss_and_exact, padded, task, words

pytestmark = pytest.mark.once

TINY: dict[str, dict[str, Any]] = {
    "seq2seq-attention": {"examples": 64, "epochs": 1, "batch_size": 32, "hidden": 8, "embedding": 8},
    "transformer": {"examples": 64, "epochs": 1, "batch_size": 32, "width": 8, "heads": 2, "inner": 8, "beams": 2},
}
PICTURES = {
    "seq2seq-attention": {"attention-1.png", "attention-2.png", "attention-3.png"},
    "transformer": {"encoder-own.png", "decoder-own.png", "decoder-cross.png"},
}


@pytest.mark.parametrize("name", TINY)
def test_it_runs_and_answers(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    run = recipe.run(tmp_path / "run", show=False, **TINY[name])
    assert run.status == "finished"
    assert 0 <= run.results["exact match"] <= 1
    assert {path.name for path in (run.folder / "pictures").glob("*.png")} >= PICTURES[name]
    settings = {key: value for key, value in TINY[name].items() if key not in ("epochs", "batch_size")}
    model, *inputs = recipe.make_example(**settings)
    model(*inputs)
    for given in (None, "3 May 2004", "€ 1"):  # a sign that is in no date
        answer = recipe.answer(model.eval(), given, **settings)
        assert isinstance(answer, str)
        assert len(answer) <= 11


def test_sentences_are_measured_by_bleu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [("Go.", "Va !"), ("Go.", "Bouge !"), ("I see.", "Je vois."), ("A " * 30 + ".", "Un.")]
    few = zk.data.PairCollection("few", pairs * 4, pairs[:3], "made up", "none")
    monkeypatch.setattr(zk.data, "sentence_pairs", lambda longest: few)
    translation_task.task.cache_clear()
    try:
        learned = task("sentence-pairs")
        assert sorted(learned.pairs) == [("Go.", "Bouge !"), ("Go.", "Va !"), ("I see.", "Je vois.")]
        assert len(learned.train[0]) == 12  # the long one is left out
        recipe = load_recipe("transformer")
        run = recipe.run(tmp_path / "run", show=False, data="sentence-pairs", epochs=1, batch_size=4, width=8)
        assert set(run.results) == {"greedy BLEU", "BLEU"}
    finally:
        translation_task.task.cache_clear()


def test_words_and_marks_are_told_apart() -> None:
    assert words("J'ai faim, et toi ?") == ["J", "'", "ai", "faim", ",", "et", "toi", "?"]


def test_rows_are_filled_up_or_cut() -> None:
    rows = [np.array([1, 2, 3]), np.array([4])]
    assert padded(rows, 0).tolist() == [[1, 2, 3], [4, 0, 0]]
    assert padded(rows, 9, 2).tolist() == [[1, 2], [4, 9]]


def models() -> list[tuple[Any, Any]]:
    zk.random.seed(0)
    tokens = len(task("dates", 96).vocabulary)
    recurrent, attending = Translator(tokens, 0, 8, 8), Transformer(tokens, 0, 8, 2, 1, 8, 0.1, False)
    return [
        (recurrent, lambda *args: translate_recurrently(recurrent, *args)),
        (attending.eval(), lambda *args: translate_by_attention(attending, *args, 1)),
    ]


def scores_of(model: Any, source: Any, written: Any) -> Any:
    out = model(source, written)
    return out[0] if isinstance(out, tuple) else out


@pytest.mark.parametrize("which", [0, 1], ids=list(TINY))
def test_a_match_when_shown_the_beginning_is_a_match_of_what_is_written(which: int) -> None:
    """The targets of every other text are what the model writes by itself."""
    model, translate = models()[which]
    vocabulary, (sources, targets), _, _ = task("dates", 96)
    source, length = zk.tensor(sources[:8]), targets.shape[1] - 1
    own = translate(source, vocabulary, length - 1)
    target = targets[:8].copy()
    target[::2] = padded([np.array([vocabulary.bos_id, *ids, vocabulary.eos_id]) for ids in own[::2]], 0, length + 1)
    scores = scores_of(model, source, zk.tensor(target[:, :-1]))
    best = zk.argmax(scores, axis=-1).numpy()
    for i in range(0, 8, 2):
        assert best[i, : len(own[i])].tolist() == own[i]
    ended = [i for i in range(0, 8, 2) if len(own[i]) < length - 1]  # the others were cut off
    wrong = 8 - len(ended)
    _, values = loss_and_exact(scores, zk.tensor(target[:, 1:]), vocabulary.pad_id)
    assert values["exact match"].item() == pytest.approx((8 - wrong) / 8)


def test_exactly_the_texts_without_a_mistake_count() -> None:
    scores = np.full((3, 2, 4), -9.0, "float32")
    for row, (a, b) in enumerate([(1, 2), (1, 3), (1, 3)]):
        scores[row, 0, a] = scores[row, 1, b] = 9.0
    targets = zk.tensor([[1, 2], [1, 2], [1, 0]])  # right, wrong at the end, right before the padding
    loss, values = loss_and_exact(zk.tensor(scores), targets, 0)
    assert values["exact match"].item() == pytest.approx(2 / 3)
    assert loss.item() == pytest.approx(18 / 5, rel=1e-4)  # one of five tokens costs 18


@pytest.mark.parametrize("which", [0, 1], ids=list(TINY))
def test_neither_padding_nor_what_comes_later_changes_a_score(which: int) -> None:
    model, _ = models()[which]
    _, (sources, targets), _, _ = task("dates", 96)
    source, written = sources[:4], targets[:4, :-1]
    short = (source != 0).sum(axis=1).max()
    first = scores_of(model, zk.tensor(source), zk.tensor(written)).numpy()
    longer = np.pad(source[:, :short], ((0, 0), (0, 5)))
    later = written.copy()
    later[:, 6:] = 5
    np.testing.assert_allclose(scores_of(model, zk.tensor(longer), zk.tensor(written)).numpy(), first, atol=1e-5)
    changed = scores_of(model, zk.tensor(source), zk.tensor(later)).numpy()
    np.testing.assert_allclose(changed[:, :6], first[:, :6], atol=1e-5)
    assert np.abs(changed[:, 6:] - first[:, 6:]).max() > 1e-3


def test_weights_are_shares_of_what_is_no_padding() -> None:
    (recurrent, _), (attending, _) = models()
    _, (sources, targets), _, _ = task("dates", 96)
    source, written = zk.tensor(sources[:4]), zk.tensor(targets[:4, :-1])
    _, weights = recurrent(source, written)
    maps = looks(attending, source, written)
    assert {name: w.shape[1] for name, w in maps.items()} == {
        "encoder.0.own": 2,
        "decoder.0.own": 2,
        "decoder.0.cross": 2,
    }
    for w in (weights.detach().numpy()[:, None], maps["encoder.0.own"], maps["decoder.0.cross"]):
        np.testing.assert_allclose(w.sum(axis=-1), 1, rtol=1e-5)
        assert not w[np.broadcast_to(sources[:4, None, None] == 0, w.shape)].any()
    assert not np.triu(maps["decoder.0.own"], 1).any()


def test_norms_before_or_after_the_parts() -> None:
    x = zk.random.normal(shape=(2, 5, 8))
    from zkynet.recipes.transformer import Layer

    mask = zk.ones((2, 1, 1, 5), dtype="bool")
    after = Layer(8, 2, 16, 0.0, pre_norm=False, cross=False)(x, mask).detach().numpy()
    np.testing.assert_allclose(after.mean(axis=-1), 0, atol=1e-5)  # a norm is the last thing
    np.testing.assert_allclose(after.var(axis=-1), 1, atol=1e-3)
    layer = Layer(8, 2, 16, 0.0, pre_norm=True, cross=False)
    for part in (layer.own.out, layer.feed_forward[2]):
        zk.nn.init.zeros_(part.weight)
        zk.nn.init.zeros_(part.bias)
    np.testing.assert_array_equal(layer(x, mask).detach().numpy(), x.numpy())  # nothing is in the way
