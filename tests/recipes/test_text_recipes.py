"""The two lessons on text: that they run, are resumed with the same bits, and what their parts have to be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zkynet as zk
from zkynet.data.sets.collection import TextCollection
from zkynet.nn import functional as F
from zkynet.recipes import char_rnn, load_recipe
from zkynet.recipes import gpt as gpt_lesson
from zkynet.recipes.char_rnn import KINDS, CharRNN, Continued, continued, hidden_for

pytestmark = pytest.mark.once

TINY: dict[str, dict[str, Any]] = {
    "char-rnn": {"parameters": 3_000, "embedding": 8, "epochs": 2, "rows": 4, "length": 16, "written": 20},
    "gpt": {"width": 16, "heads": 2, "layers": 2, "epochs": 2, "rows": 4, "length": 16, "written": 20},
}
RESULTS = {
    "char-rnn": {"rnn minus lstm", "rnn minus gru"} | {f"bits per character of the {kind}" for kind in KINDS},
    "gpt": {"validation loss of the gpt", "lstm minus gpt", "same text with and without a cache"},
}


@pytest.fixture(autouse=True, scope="module")
def short_text() -> Iterator[None]:
    """A text that is read in no time."""
    text = "".join(f"{i} and {i + 1} are {2 * i + 1}.\n" for i in range(60))
    few = TextCollection("few", text, text[300:800], "counted", "none")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zk.data, "topics_text", lambda: few)
        char_rnn.corpus.cache_clear()
        yield
    char_rnn.corpus.cache_clear()


@pytest.fixture(scope="module", params=TINY)
def finished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> zk.runs.Run:
    """A run that nothing has stopped."""
    return load_recipe(request.param).run(tmp_path_factory.mktemp("run") / "whole", show=False, **TINY[request.param])


def test_it_runs_and_answers(finished: zk.runs.Run) -> None:
    recipe = load_recipe(finished.name)
    assert finished.status == "finished"
    assert set(finished.results) == RESULTS[recipe.name]
    assert (finished.folder / "pictures" / "losses.png").exists()
    assert "temperature" in (finished.folder / "texts" / "samples.txt").read_text()
    model, settings = recipe.load(finished.folder)
    for given in ("1 and 2", "Ω"):  # a sign that is not in the text
        answer = recipe.answer(model, given, **settings)
        assert isinstance(answer, str)
        assert len(answer) <= len(given) + 20
    vocabulary, _, test = char_rnn.corpus("topics")
    assert recipe.answer(model, None, **settings).startswith(vocabulary.decode(test[:16]))


class Interrupt(zk.train.Callback):
    """Stops a training in the middle of an epoch, after the last checkpoint, as a power cut does."""

    def on_step_end(self, trainer: Any, logs: Any) -> None:
        if trainer.step == 10:
            raise KeyboardInterrupt


def test_resumed_in_the_middle_of_an_epoch_it_ends_with_the_same_bits(
    finished: zk.runs.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = load_recipe(finished.name)
    last = {"char-rnn": "lstm", "gpt": "gpt"}[recipe.name]  # the training that is stopped
    usual = zk.runs.Run.trainer

    def interrupted(self: Any, *args: Any, **options: Any) -> Any:
        if options["name"] == last:
            saves = zk.train.ModelCheckpoint(self.folder / "checkpoints" / last, every_steps=7)
            options["callbacks"] = [*options.get("callbacks", ()), saves, Interrupt()]
        return usual(self, *args, **options)

    monkeypatch.setattr(zk.runs.Run, "picture", lambda *args, **options: None)
    with monkeypatch.context() as patched:
        patched.setattr(zk.runs.Run, "trainer", interrupted)
        with pytest.raises(KeyboardInterrupt):
            recipe.run(tmp_path / "halves", show=False, **TINY[recipe.name])
    resumed = recipe.run(tmp_path / "halves", resume=True, show=False)
    assert resumed.results == finished.results


@pytest.mark.parametrize("kind", KINDS)
def test_the_parameters_are_as_many_as_wished(kind: str) -> None:
    model = CharRNN(kind, 95, 32, hidden_for(kind, 95, 32, 100_000))
    assert 98_500 < sum(p.size for p in model.parameters()) <= 100_000


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_with_a_state_give_the_losses_of_the_whole(kind: str) -> None:
    _, tokens, _ = char_rnn.corpus("topics")
    model = CharRNN(kind, 30, 8, 12)
    carried = Continued()
    losses = [carried(model, batch).item() for batch in continued(tokens[:257], 16, 4)]
    assert len(losses) == 4
    rows = zk.tensor(np.stack([tokens[k * 64 : (k + 1) * 64 + 1] for k in range(4)]))
    scores, _ = model(rows[:, :-1])
    whole = F.cross_entropy(scores.reshape((-1, 30)), rows[:, 1:].reshape(-1))
    assert np.mean(losses) == pytest.approx(whole.item(), rel=1e-5)


def test_the_gradient_ends_where_the_piece_begins() -> None:
    _, tokens, _ = char_rnn.corpus("topics")
    model, carried, later = CharRNN("lstm", 30, 8, 12), Continued(), Continued()
    first, second = list(continued(tokens, 16, 4))[:2]
    carried(model, first)
    before = {text: tuple(zk.tensor(s.numpy()) for s in state) for text, state in carried.states.items()}
    carried(model, second).backward()
    gradients = [p.grad.numpy() for p in model.parameters() if p.grad is not None]
    model.zero_grad()
    later.states = before  # numbers alone, with nothing behind them
    later(model, second).backward()
    for p, g in zip(model.parameters(), gradients, strict=True):
        assert p.grad is not None
        np.testing.assert_array_equal(p.grad.numpy(), g)


def test_validation_has_a_state_of_its_own_and_an_epoch_begins_without() -> None:
    _, tokens, _ = char_rnn.corpus("topics")
    model, carried = CharRNN("gru", 30, 8, 12), Continued()
    batch = next(iter(continued(tokens, 16, 4)))
    first = carried(model, batch).item()
    assert carried(model, batch).item() != first
    assert carried(model.eval(), batch).item() == first
    carried.on_epoch_start(None)
    assert carried(model.train(), batch).item() == first


def test_what_is_written_is_what_the_model_finds_likeliest_when_it_is_cold() -> None:
    model = CharRNN("lstm", 30, 8, 12)
    begin = np.array([3, 1, 4, 1, 5])
    written = char_rnn.write(model, begin, 6, 1e-6)
    scores, _ = model(zk.tensor([[*begin, *written]]))
    assert zk.argmax(scores, axis=-1).numpy()[0, 4:-1].tolist() == written.tolist()


# -- the GPT ----------------------------------------------------------------------------------------------------------


def small_gpt() -> gpt_lesson.GPT:
    zk.random.seed(1)
    return gpt_lesson.GPT(30, 16, 2, 2).eval()


def test_no_character_sees_what_comes_after_it() -> None:
    model = small_gpt()
    x = np.arange(12)[None] % 30
    later = x.copy()
    later[:, 7:] = 3
    first, second = model(zk.tensor(x)).detach().numpy(), model(zk.tensor(later)).detach().numpy()
    np.testing.assert_allclose(second[:, :7], first[:, :7], atol=1e-6)
    assert np.abs(second[:, 7:] - first[:, 7:]).max() > 1e-3


def test_with_a_cache_the_scores_are_the_same() -> None:
    model, cache = small_gpt(), gpt_lesson.Cache(9)
    x = np.array([[3, 1, 4, 1, 5, 9, 2, 6, 5], [2, 7, 1, 8, 2, 8, 1, 8, 2]])
    one_by_one = [model(zk.tensor(x[:, t : t + 1]), cache).detach().numpy() for t in range(9)]
    np.testing.assert_allclose(np.concatenate(one_by_one, axis=1), model(zk.tensor(x)).detach().numpy(), atol=1e-5)


def test_a_full_cache_forgets_the_oldest() -> None:
    cache = gpt_lesson.Cache(3)
    for t in range(5):
        new = zk.ones((1, 1, 1, 2)) * t
        keys, values, used = cache.add("block", new, -new)
        assert used.numpy().sum() == min(t + 1, 3)
        cache.length += 1
    assert sorted(keys.numpy()[0, 0, :, 0].tolist()) == [2, 3, 4]
    np.testing.assert_array_equal(values.numpy(), -keys.numpy())


def test_reading_and_writing_share_one_table() -> None:
    model = small_gpt()
    model(zk.tensor([[1, 2]])).sum().backward()
    assert model.out.weight is model.embedding.weight
    assert gpt_lesson.size_of(model) == 30 * 16 + 2 * (12 * 16 * 16 + 13 * 16) + 2 * 16
