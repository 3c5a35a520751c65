"""The names of the classic face: functions, inputs, nodes, and the graph of a call."""

from zkynet.framework.functions import Function, Module, Operator
from zkynet.framework.inputs import Constant, Input, Parameter, Variable
from zkynet.framework.nodes import InputNode, ModuleGraph, Node, OperatorNode, get_all_nodes, get_input_nodes

__all__ = [
    "Constant",
    "Function",
    "Input",
    "InputNode",
    "Module",
    "ModuleGraph",
    "Node",
    "Operator",
    "OperatorNode",
    "Parameter",
    "Variable",
    "get_all_nodes",
    "get_input_nodes",
]


def __dir__() -> list[str]:
    return __all__
