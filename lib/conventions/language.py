"""The small language of the data files: one expression, evaluated in Python, written in JavaScript.

Numbers, names, + - * / **, comparisons, `and`, `or`, `not`, `a if c else b`, and the functions of
`FUNCTIONS`. A name may stand for an array; a condition may not. What a reader can do with a
convention, in Python or on a page without Python, is therefore computed from one text.
"""

import ast
from functools import cache

import numpy as np

__all__ = ["FUNCTIONS", "evaluate", "javascript", "names"]


def _ratio(a, b):
    """a / b, and 0 where b is 0: no gradient yet, no step."""
    b = np.asarray(b, float)
    return np.divide(a, b, out=np.zeros(np.broadcast_shapes(np.shape(a), b.shape)), where=b != 0)


# name: (in Python, in JavaScript)
FUNCTIONS = {
    "sqrt": (np.sqrt, "Math.sqrt"),
    "abs": (np.abs, "Math.abs"),
    "sign": (np.sign, "Math.sign"),
    "max": (np.maximum, "Math.max"),
    "ratio": (_ratio, "ratio"),
}
_BINARY = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
_COMPARE = {ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!="}
_LOGIC = {ast.And: ("and", "&&"), ast.Or: ("or", "||")}


@cache
def _parsed(expression):
    tree = ast.parse(expression, mode="eval").body
    _javascript(tree)  # refuses what the language has not
    return tree, compile(ast.Expression(tree), expression, "eval")


def evaluate(expression, values):
    """The value of an expression, names looked up in the dict `values`.

    Raises ValueError for what is not in the language, NameError for an unknown name.

    >>> evaluate("lr * (1 - beta) if averaged else lr", {"lr": 0.5, "beta": 0.5, "averaged": True})
    0.25
    >>> evaluate("open('x')", {})
    Traceback (most recent call last):
    ValueError: open('x'): the language of conventions has no such call
    """
    return eval(_parsed(expression)[1], {"__builtins__": {}, **_PYTHON}, values)


def javascript(expression):
    """The same expression in JavaScript.

    >>> javascript("not nesterov or beta ** 2 > 0")
    '(!nesterov || ((beta ** 2) > 0))'
    """
    return _javascript(_parsed(expression)[0])


def names(expression):
    """The names an expression asks for, sorted.

    >>> names("max(v, g * g) / c")
    ['c', 'g', 'v']
    """
    found = {node.id for node in ast.walk(_parsed(expression)[0]) if isinstance(node, ast.Name)}
    return sorted(found - set(FUNCTIONS))


def _javascript(node):
    match node:
        case ast.Constant(bool() as value):
            return str(value).lower()
        case ast.Constant(int() | float() as value):
            return repr(value)
        case ast.Name(name):
            return name
        case ast.BinOp(left, op, right) if type(op) in _BINARY:
            return f"({_javascript(left)} {_BINARY[type(op)]} {_javascript(right)})"
        case ast.UnaryOp(ast.Not(), operand):
            return f"!{_javascript(operand)}"
        case ast.UnaryOp(ast.USub(), operand):
            return f"(-{_javascript(operand)})"
        case ast.BoolOp(op, operands):
            return "(" + f" {_LOGIC[type(op)][1]} ".join(map(_javascript, operands)) + ")"
        case ast.Compare(left, [op], [right]) if type(op) in _COMPARE:
            return f"({_javascript(left)} {_COMPARE[type(op)]} {_javascript(right)})"
        case ast.IfExp(test, body, orelse):
            return f"({_javascript(test)} ? {_javascript(body)} : {_javascript(orelse)})"
        case ast.Call(ast.Name(name), arguments, []) if name in FUNCTIONS:
            return f"{FUNCTIONS[name][1]}({', '.join(map(_javascript, arguments))})"
    kind = type(node).__name__.lower()
    raise ValueError(f"{ast.unparse(node)}: the language of conventions has no such {kind}")


_PYTHON = {name: function for name, (function, _) in FUNCTIONS.items()}
