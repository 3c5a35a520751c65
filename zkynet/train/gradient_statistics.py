"""How large the gradients of each layer are, and what that says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zkynet.autodiff.modes import no_grad
from zkynet.errors import InvalidValueError
from zkynet.ops.arguments import flag, number, whole
from zkynet.train.callbacks import Callback
from zkynet.train.tables import aligned

if TYPE_CHECKING:
    from zkynet.train.trainer import Trainer

__all__ = ["GradientStatistics"]


class GradientStatistics(Callback):
    r"""Records the norm of the gradient of each layer, and says in plain words where gradients vanish or explode.

    A layer is a module with parameters of its own; its norm is that of all their gradients together, before clipping.
    Layers of different size are compared by the root mean square, :math:`\lVert g \rVert / \sqrt n`. (Why gradients
    vanish: Bengio et al., 1994; Glorot and Bengio, 2010.)

    Args:
        every: after how many steps they are looked at.
        vanishing: a layer learns nothing where the root mean square is below this share of the largest one.
        exploding: a norm above this is called exploding.
        show: whether the table is printed when the training ends.

    Example:
        >>> import zkynet as zk
        >>> zk.random.seed(0)
        >>> deep = [layer for _ in range(6) for layer in (zk.nn.Linear(4, 4), zk.nn.Sigmoid())]
        >>> statistics = zk.train.GradientStatistics(every=1, show=False)
        >>> trainer = zk.train.Trainer(
        ...     zk.nn.Sequential(*deep), "mse", "sgd", callbacks=[statistics], progress=False
        ... )
        >>> history = trainer.fit((zk.random.normal(shape=(64, 4)), zk.random.normal(shape=(64, 4))))
        >>> list(statistics.norms), len(statistics.norms["0"])
        (['0', '2', '4', '6', '8', '10'], 2)
        >>> statistics.verdicts["0"], statistics.verdicts["10"]
        ('vanishing', 'fine')
    """

    def __init__(self, every: int = 10, vanishing: float = 1e-3, exploding: float = 1e3, show: bool = True) -> None:
        name = "GradientStatistics"
        self.every = whole(name, "every", every)
        if self.every < 1:
            raise InvalidValueError(f"{name}: every is at least 1, received {every}", fix="pass 10")
        self.vanishing, self.exploding = number(name, "vanishing", vanishing), number(name, "exploding", exploding)
        self.show = flag(name, "show", show)
        self.steps: list[int] = []
        self._norms: dict[str, list[float]] = {}
        self._sizes: dict[str, int] = {}
        self._waiting: list[dict[str, list[tuple[Any, Any]]]] = []  # what is still where it was computed

    def on_backward(self, trainer: Trainer) -> None:
        """Look at the gradients of this step, if it is one of those."""
        if trainer.step % self.every:
            return
        self.steps.append(trainer.step + 1)
        parts: dict[str, list[tuple[Any, Any]]] = {}
        sizes: dict[str, int] = {}
        with no_grad():
            for (name, _), p in zip(trainer.named_parameters, trainer.parameters, strict=True):
                layer = name.rpartition(".")[0] or type(trainer.model).__name__
                sizes[layer] = sizes.get(layer, 0) + p.size
                own = parts.setdefault(layer, [])
                if p.grad is not None and p.size:
                    g = abs(p.grad.astype("float32") if p.grad.dtype.itemsize == 2 else p.grad)
                    largest = g.max()  # apart, so that squares neither overflow nor vanish
                    own.append((largest, ((g / (largest + (largest == 0))) ** 2).sum()))
        self._sizes = sizes
        self._waiting.append(parts)
        if len(self._waiting) > 64:
            self._fetch()

    def _fetch(self) -> None:
        for parts in self._waiting:
            for layer, own in parts.items():
                total = sum(largest.item() ** 2 * share.item() for largest, share in own)
                self._norms.setdefault(layer, []).append(math.sqrt(total))
        self._waiting.clear()

    @property
    def norms(self) -> dict[str, list[float]]:
        """For each layer, from the first on, the norm of its gradient at each of `steps`.

        Example:
            >>> import zkynet as zk
            >>> zk.train.GradientStatistics().norms
            {}
        """
        self._fetch()
        return self._norms

    @property
    def verdicts(self) -> dict[str, str]:
        """For each layer ``"fine"``, ``"vanishing"``, ``"exploding"``, ``"none"`` or ``"not finite"``, of all steps.

        Example:
            >>> import zkynet as zk
            >>> zk.train.GradientStatistics().verdicts
            {}
        """
        means = self._means()
        most = max((rms for _, rms in means.values() if math.isfinite(rms)), default=0.0)
        return {layer: self._verdict(norm, rms, most, self._norms[layer]) for layer, (norm, rms) in means.items()}

    def _means(self) -> dict[str, tuple[float, float]]:
        """For each layer the mean norm, and its root mean square."""
        means = {layer: sum(norms) / len(norms) for layer, norms in self.norms.items() if norms}
        return {layer: (mean, mean / math.sqrt(self._sizes[layer])) for layer, mean in means.items()}

    def _verdict(self, norm: float, rms: float, most: float, norms: list[float]) -> str:
        if not math.isfinite(norm):
            return "not finite"
        if norm == 0:
            return "none"
        if max(norms) > self.exploding:
            return "exploding"
        return "vanishing" if rms < self.vanishing * most else "fine"

    def table(self) -> str:
        """The layers with their norms and what they say, as a text.

        Example:
            >>> import zkynet as zk
            >>> zk.train.GradientStatistics().table()
            'no gradients were looked at'
        """
        means, verdicts = self._means(), self.verdicts
        if not means:
            return "no gradients were looked at"
        largest = max(means, key=lambda layer: means[layer][1])
        rows = [["layer", "norm of the gradient", "first", "last", "largest", ""]]
        for layer, (norm, rms) in means.items():
            norms = self._norms[layer]
            numbers = [f"{value:.2e}" for value in (norm, norms[0], norms[-1], max(norms))]
            rows.append([layer, *numbers, self._words(verdicts[layer], rms, means[largest][1], largest)])
        return aligned(rows) + "\n" + self._conclusion(verdicts)

    def _words(self, verdict: str, rms: float, most: float, largest: str) -> str:
        if verdict == "vanishing":
            return f"vanishing: its weights are told {most / rms:,.0f} times less than those of {largest}"
        return {
            "fine": "fine",
            "none": "none: nothing of the loss reaches it",
            "exploding": f"exploding: above {self.exploding:g}",
            "not finite": "not finite: NaN or infinity",
        }[verdict]

    def _conclusion(self, verdicts: Mapping[str, str]) -> str:
        found = set(verdicts.values())
        lines = {
            "vanishing": "Vanishing gradients: these layers hardly learn. ReLU in place of sigmoid or tanh, Kaiming "
            "or Xavier initialisation, normalisation, or connections that skip layers help.",
            "exploding": "Exploding gradients: steps are too large. clip_norm=1.0, a lower learning rate, or smaller "
            "initial weights help.",
            "none": "Layers without a gradient: they are not used, or everything behind them is dead or detached.",
            "not finite": "NaN or infinity: stop_at_nan=True says where from.",
        }
        words = [line for verdict, line in lines.items() if verdict in found]
        return "\n".join(words) if words else "The gradients of all layers are of a similar size."

    def on_fit_end(self, trainer: Trainer) -> None:
        """Print the table."""
        if self.show and self.steps:
            print(self.table(), flush=True)

    def state_dict(self) -> dict[str, Any]:
        """All that was recorded."""
        norms = {layer: list(values) for layer, values in self.norms.items()}
        return {"steps": list(self.steps), "norms": norms, "sizes": dict(self._sizes)}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what was recorded."""
        self._waiting.clear()
        self.steps, self._sizes = list(state_dict["steps"]), dict(state_dict["sizes"])
        self._norms = {layer: list(values) for layer, values in state_dict["norms"].items()}
