"""What functions take: variables, parameters and constants. Templates only: values of a call are in its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zkynet.errors import ArgumentError, InvalidValueError

if TYPE_CHECKING:
    from zkynet.framework.functions import Function


class Input:
    """A named slot of a function.

    Args:
        short_name: how the function's author calls it, ``"x"``.
        input_type: ``"variable"``, ``"parameter"`` or ``"constant"``.

    Example:
        >>> from zkynet.framework import cg, op
        >>> cg.Input("x", "variable").short_name
        'x'
    """

    def __init__(self, short_name: str, input_type: str) -> None:
        if not isinstance(short_name, str):
            raise ArgumentError(f"the name of a {input_type} is a string, received {short_name!r}")
        self.short_name = short_name
        self.input_type = input_type
        self._fun: Function | None = None
        self._value: Any = None

    @property
    def value(self) -> Any:
        """The value it holds, None for a variable: its values come with each call.

        Example:
            >>> from zkynet.framework import cg, op
            >>> cg.Parameter("w", 2.0).value
            2.0
        """
        return self._value

    @property
    def fun(self) -> Function | None:
        """The function it belongs to, None until it is given to one.

        Example:
            >>> from zkynet.framework import cg, op
            >>> add = op.Add()
            >>> add.input("a").fun is add
            True
        """
        return self._fun

    @fun.setter
    def fun(self, function: Function) -> None:
        if self._fun is not None and self._fun is not function:
            raise InvalidValueError(
                f"{self.input_type} {self.short_name!r} already belongs to {self._fun.name}",
                fix="give each function an input of its own (copy_nofun() makes one)",
            )
        self._fun = function

    @property
    def name(self) -> str:
        """The full name: that of the function object, and its own.

        Example:
            >>> from zkynet.framework import cg, op
            >>> cg.Variable("x").name
            'x'
        """
        return self.short_name if self._fun is None else f"{self._fun.name}.{self.short_name}"

    @property
    def functional_name(self) -> str:
        """The name of its role: that of the kind of function, and its own.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.Add().input("a").functional_name
            'Add.a'
        """
        return self.short_name if self._fun is None else f"{self._fun.functional_name}.{self.short_name}"

    def copy_nofun(self) -> Input:
        """The same input, belonging to no function yet.

        Example:
            >>> from zkynet.framework import cg, op
            >>> op.Add().input("a").copy_nofun().fun is None
            True
        """
        return type(self)(self.short_name, *(() if isinstance(self, Variable) else (self._value,)))

    def __repr__(self) -> str:
        value = "" if self._value is None else f", value={self._value!r}"
        return f"{type(self).__name__}({self.name}{value})"


class Variable(Input):
    """An input whose value comes with each call.

    Args:
        name: its name within the function.

    Example:
        >>> Variable("x")
        Variable(x)
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, "variable")


class Parameter(Input):
    """A value that the function keeps, and that learning changes.

    Args:
        name: its name within the function.
        init_value: the first value: a number or an array.

    Example:
        >>> p = Parameter("w", 1.5)
        >>> p.value = p.value - 0.5
        >>> p
        Parameter(w, value=1.0)
    """

    def __init__(self, name: str, init_value: Any = None) -> None:
        super().__init__(name, "parameter")
        self._value = init_value

    @property
    def value(self) -> Any:
        """The value it holds; a new one can be assigned, graphs of earlier calls keep theirs.

        Example:
            >>> from zkynet.framework import cg
            >>> p = cg.Parameter("w", 1.0)
            >>> p.value = p.value + 1.0
            >>> p.value
            2.0
        """
        return self._value

    @value.setter
    def value(self, value: Any) -> None:
        self._value = value

    def assign(self, value: Any) -> None:
        """Replace the value; graphs of earlier calls keep theirs.

        Args:
            value: a number or an array.

        Example:
            >>> from zkynet.framework import cg
            >>> p = cg.Parameter("w", 1.0)
            >>> p.assign(2.0)
            >>> p.value
            2.0
        """
        self.value = value

    def __eq__(self, other: object) -> Any:
        """Whether it is the same parameter, or, next to a number or an array, whether it has that value."""
        return self is other if isinstance(other, Input) else self._value == other

    __hash__ = Input.__hash__


class Constant(Input):
    """A value that never changes, such as the size of a kernel.

    Args:
        name: its name within the function.
        val: the value.

    Example:
        >>> from zkynet.framework import cg, op
        >>> cg.Constant("size", 3).value
        3
    """

    def __init__(self, name: str, val: Any) -> None:
        super().__init__(name, "constant")
        self._value = val

    def assign(self, value: Any) -> None:
        """Refused: a constant cannot be assigned to.

        Args:
            value: whatever was to be assigned.

        Example:
            >>> from zkynet.framework import cg, op
            >>> try:
            ...     cg.Constant("size", 3).assign(4)
            ... except ValueError as error:
            ...     print(error)
            constant size cannot change
              Fix: use a Parameter
        """
        raise InvalidValueError(f"constant {self.name} cannot change", fix="use a Parameter")
