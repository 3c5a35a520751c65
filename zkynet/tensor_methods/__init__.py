"""The methods and operators of `Tensor`: each calls the function of the same meaning.

Functions stand on the floor above, so they are reached through `Recording.namespace`; `zkynet.ops.operators` puts the
binary operators directly into the class.
"""

from zkynet.tensor_methods.conversions import Conversions
from zkynet.tensor_methods.elementwise import Elementwise
from zkynet.tensor_methods.in_place import InPlace
from zkynet.tensor_methods.matrices import Matrices
from zkynet.tensor_methods.pairs import Pairs
from zkynet.tensor_methods.reductions import Reductions
from zkynet.tensor_methods.selecting import Selecting
from zkynet.tensor_methods.shapes import Shapes


class TensorMethods(InPlace, Pairs, Shapes, Elementwise, Reductions, Matrices, Selecting, Conversions):
    """What a tensor can do, by way of zkynet's functions."""

    __slots__ = ()
