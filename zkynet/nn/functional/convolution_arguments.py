"""What users pass to convolutions, checked before anything is computed; the same words on every backend."""

from __future__ import annotations

from typing import Any

from zkynet import dtypes as dt
from zkynet.backend.registry import get_backend
from zkynet.errors import ArgumentError, DTypeError, InvalidValueError, ShapeError
from zkynet.nn.functional import sliding
from zkynet.nn.functional.sliding import Numbers, Pairs
from zkynet.ops.arguments import whole, whole_numbers
from zkynet.ops.casting import as_tensor
from zkynet.ops.creation import asarray
from zkynet.ops.prepare import common_backend
from zkynet.tensor import Tensor

__all__: list[str] = []

AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def per_axis(name: str, argument: str, value: Any, ndim: int, least: int) -> Numbers:
    """One whole number for each axis, from a number or from as many."""
    if type(value) is int and value >= least:
        return (value,) * ndim
    numbers = whole_numbers(name, argument, value)
    if len(numbers) == 1:
        numbers *= ndim
    if len(numbers) != ndim:
        raise ArgumentError(
            f"{name}: {argument} has {len(numbers)} numbers for {ndim} axes",
            facts=[f"{argument}  {numbers}", f"axes  {', '.join(AXES[ndim])}"],
            fix=f"pass one number for all axes, or {ndim} of them",
            op=name,
        )
    if min(numbers) < least:
        said = "negative" if least == 0 else "less than 1"
        advice = "cut the input with slices instead: x[..., 1:-1]" if argument == "padding" else f"pass {least} or more"
        raise InvalidValueError(
            f"{name}: {argument} is {said}: {value}", fix=advice, op=name, argument=argument, value=value
        )
    return numbers


def as_pairs(name: str, padding: Any, kernel: Numbers, stride: Numbers, dilation: Numbers) -> Pairs:
    """Padding as a pair for each axis, from a number, several, "valid" or "same"."""
    if not isinstance(padding, str):
        return tuple([(n, n) for n in per_axis(name, "padding", padding, len(kernel), 0)])
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding != "same":
        raise InvalidValueError(
            f'{name}: padding is "same", "valid" or a number for each axis, received {padding!r}',
            fix='pass padding="same" for a result of the size of the input',
            op=name,
        )
    if any(s != 1 for s in stride):
        raise InvalidValueError(
            f'{name}: padding="same" needs a stride of 1, received {stride}',
            facts=["with another stride the result cannot be as large as the input"],
            fix=f"pass padding={tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))}, or stride=1",
            op=name,
        )
    total = [d * (k - 1) for k, d in zip(kernel, dilation, strict=True)]
    return tuple([(n // 2, n - n // 2) for n in total])  # of an odd number the end gets one more


def operands(name: str, x: Any, weight: Any, bias: Any) -> tuple[Tensor, Tensor, Tensor | None]:
    """Input, weight and bias as tensors of one backend and one dtype, which is a floating one."""
    backend = common_backend(name, [x, weight, bias])
    if backend is not get_backend():  # lists and NumPy arrays go where the tensors are
        x, weight, bias = [
            v if isinstance(v, Tensor) or v is None else asarray(v, backend=backend) for v in (x, weight, bias)
        ]
    x, weight = as_tensor(name, x), as_tensor(name, weight)
    given = [("input", x), ("weight", weight)]
    if bias is not None:
        bias = as_tensor(name, bias)
        given.append(("bias", bias))
    for what, t in given:
        if dt.kind_rank(t.dtype) < 2:
            raise DTypeError(
                f"{name} computes with floating numbers, the {what} is {t.dtype}",
                facts=[f"{w}  {o.shape} {o.dtype}" for w, o in given],
                fix=f"convert it first: {'x' if what == 'input' else what}.astype(zk.float32)",
                op=name,
                dtype=t.dtype,
            )
    if any(t.dtype != x.dtype for _, t in given):
        what, other = next((w, t) for w, t in given if t.dtype != x.dtype)
        raise DTypeError(
            f"{name}: the input is {x.dtype}, the {what} is {other.dtype}",
            facts=[f"{w}  {o.shape} {o.dtype}" for w, o in given],
            fix=f"convert the input, x.astype(zk.{other.dtype}), or the layer, layer.to(dtype=zk.{x.dtype})",
            op=name,
            dtypes=(x.dtype, other.dtype),
        )
    return x, weight, bias


def check_ranks(name: str, x: Tensor, weight: Tensor, ndim: int, transposed: bool) -> None:
    """Refuse an input or a weight with another number of axes than such a convolution takes."""
    axes = ", ".join(AXES[ndim])
    if x.ndim not in (ndim + 1, ndim + 2):
        raise ShapeError(
            f"{name} takes an input of {ndim + 2} axes (batch, channels, {axes}), or of {ndim + 1} without the batch, "
            f"received {x.ndim}",
            facts=[f"input  {x.shape}"],
            fix=f"reshape it; x[None] adds an axis in front, and conv{x.ndim - 2}d takes {x.ndim} axes"
            if 3 <= x.ndim <= 5
            else "reshape it; x[None] adds an axis in front",
            op=name,
            shape=x.shape,
        )
    if weight.ndim != ndim + 2:
        first, second = ("in_channels", "out_channels") if transposed else ("out_channels", "in_channels")
        raise ShapeError(
            f"{name} takes a weight of {ndim + 2} axes ({first}, {second} / groups, {axes}), received {weight.ndim}",
            facts=[f"weight  {weight.shape}"],
            fix="reshape the weight",
            op=name,
            shape=weight.shape,
        )
    if 0 in weight.shape[2:]:
        raise ShapeError(
            f"{name}: the weight has a kernel without elements",
            facts=[f"weight  {weight.shape}"],
            fix="give the kernel a length of 1 or more along each axis",
            op=name,
            shape=weight.shape,
        )


def check_channels(name: str, x: Tensor, weight: Tensor, bias: Tensor | None, groups: Any, transposed: bool) -> int:
    """The number of groups, if the channels of input, weight and bias go with it."""
    groups = whole(name, "groups", groups)
    if groups < 1:
        raise InvalidValueError(f"{name}: groups is less than 1: {groups}", fix="pass 1 or more", op=name)
    channels = x.shape[1]
    facts = [f"input  {x.shape}", f"weight  {weight.shape}", f"groups  {groups}"]
    divided = [("input", channels)]
    if not transposed:
        divided.append(("output", weight.shape[0]))
    for what, count in divided:
        if count % groups:
            raise ShapeError(
                f"{name}: {count} {what} channels cannot be split into {groups} groups",
                facts=facts,
                fix=f"use a number of groups that divides {count}",
                op=name,
                channels=count,
                groups=groups,
            )
    wanted = weight.shape[0] if transposed else weight.shape[1] * groups
    if channels != wanted:
        per = f" ({weight.shape[1]} in each of {groups} groups)" if groups > 1 and not transposed else ""
        raise ShapeError(
            f"{name}: the input has {channels} channels, the weight is made for {wanted}{per}",
            facts=facts,
            fix=f"pass an input of shape {(x.shape[0], wanted, *x.shape[2:])}, or make the layer with "
            f"in_channels={channels}",
            op=name,
            channels=channels,
            expected=wanted,
        )
    if bias is not None:
        out = weight.shape[1] * groups if transposed else weight.shape[0]
        if bias.shape != (out,):
            raise ShapeError(
                f"{name}: the bias has shape {bias.shape}, one number for each of {out} output channels is needed",
                facts=[*facts, f"bias  {bias.shape}"],
                fix=f"pass a bias of shape ({out},), or None",
                op=name,
                shape=bias.shape,
            )
    return groups


def check_window(name: str, sizes: Numbers, kernel: Numbers, padding: Pairs, dilation: Numbers, fix: str = "") -> None:
    """Refuse a kernel that is larger than the padded input."""
    for i, n in enumerate(sliding.frame_sizes(sizes, padding)):
        span = dilation[i] * (kernel[i] - 1) + 1
        if span <= n:
            continue
        axis = AXES[len(sizes)][i]
        before, after = padding[i]
        spread = f" ({kernel[i]} places, {dilation[i]} apart)" if dilation[i] > 1 else ""
        raise ShapeError(
            f"{name}: the kernel is larger than the input along the {axis}: {span}{spread} against {n}",
            facts=[
                f"input   {sizes}",
                f"kernel  {kernel}",
                f"padding of the {axis}  {before} before, {after} behind",
            ],
            fix=fix
            or f"use a kernel of at most {max((n - 1) // dilation[i] + 1, 0)} along the {axis}, or more padding",
            op=name,
            axis=axis,
        )


def check_output_padding(name: str, extra: Numbers, sizes: Numbers, stride: Numbers, dilation: Numbers) -> None:
    """Refuse more `output_padding` than there are sizes to choose from, and a result without elements."""
    for i, n in enumerate(extra):
        most = max(stride[i], dilation[i]) - 1
        axis = AXES[len(extra)][i]
        if n > most:
            raise InvalidValueError(
                f"{name}: output_padding is less than the stride or the dilation, received {n} for the {axis}",
                facts=[f"stride  {stride}", f"dilation  {dilation}", f"output_padding  {extra}"],
                fix=f"pass at most {most} for the {axis}",
                op=name,
                axis=axis,
            )
        if sizes[i] < 1:
            raise ShapeError(
                f"{name}: the {axis} of the result would be {sizes[i]}",
                facts=[f"stride  {stride}", f"dilation  {dilation}", f"output_padding  {extra}"],
                fix="use less padding, or a larger input",
                op=name,
                axis=axis,
            )
