"""Every one-place change of a rule's source, by machine.

`mutants(rule)` yields (what was changed, the changed function): each operator, name, number, call,
attribute, branch and argument in turn becomes another. The functions called, `ewa` and
`bias_correction`, are mutated in place of the caller's copy too.
"""

import ast
import copy
import inspect
import textwrap

from lib import averages, rules

SWAP = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.Sub),
    ast.Pow: (ast.Mult, ast.Add),
}
COMPARE = {ast.Gt: (ast.GtE, ast.Lt)}


def tree_of(function):
    """The function's definition without its docstring."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    del definition.body[0]
    return definition


def replacements(node, names):
    """What may stand in place of an expression, one change each."""
    match node:
        case ast.BinOp(left, op, right):
            for other in SWAP[type(op)]:
                yield ast.BinOp(left, other(), right)
            yield left
            yield right
            if isinstance(op, (ast.Sub, ast.Div, ast.Pow)):
                yield ast.BinOp(right, op, left)
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Compare(left, [op], right):
            for other in COMPARE[type(op)]:
                yield ast.Compare(left, [other()], right)
        case ast.IfExp(test, body, orelse):
            yield body
            yield orelse
            yield ast.IfExp(test, orelse, body)
        case ast.Constant(bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(int() | float()):
            yield from (ast.Constant(x) for x in {node.value + 1, node.value * 1.01, 0} - {node.value})
        case ast.Name(name, ast.Load()) if name in names:
            yield from (ast.Name(other, ast.Load()) for other in names if other != name)
            yield ast.BinOp(node, ast.Mult(), ast.Constant(1.01))
        case ast.Attribute(ast.Name("s"), slot):
            slots = ("t", "m", "v", "v_max", "product")
            yield from (ast.Attribute(node.value, other, node.ctx) for other in slots if other != slot)
        case ast.Attribute(ast.Name("np"), "maximum"):
            yield ast.Attribute(node.value, "minimum", node.ctx)
            yield ast.Attribute(node.value, "add", node.ctx)
        case ast.Call(func, args, keywords):
            yield from args  # the call left out
            for i in range(1, len(args)):
                swapped = [*args[: i - 1], args[i], args[i - 1], *args[i + 1 :]]
                yield ast.Call(func, swapped, keywords)
            if getattr(func, "id", "").endswith("State"):  # a slot not stored
                for i in range(1, len(args)):
                    yield ast.Call(func, [*args[:i], ast.Constant(0.0), *args[i + 1 :]], keywords)
                yield from (ast.Call(func, args, []) for _ in keywords)


def places(definition):
    """Paths (steps of field and index) to every expression and default.

    Calls that stand alone (`fraction("beta", beta)`) only refuse bad input: `test_input` has them.
    """

    def below(node, path):
        for field, value in ast.iter_fields(node):
            for i, child in enumerate(value) if isinstance(value, list) else ((None, value),):
                if isinstance(child, ast.AST) and not isinstance(child, ast.Expr):
                    yield (*path, (field, i)), child
                    yield from below(child, (*path, (field, i)))

    return list(below(definition, ()))


def replaced(definition, path, new):
    """A copy of the tree with `new` at the path."""
    root = copy.deepcopy(definition)
    node = root
    for field, i in path[:-1]:
        node = getattr(node, field) if i is None else getattr(node, field)[i]
    field, i = path[-1]
    if i is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[i] = new
    return ast.fix_missing_locations(root)


def changes(function):
    """Yield (description, changed definition) of a function."""
    definition = tree_of(function)
    a = definition.args
    names = [x.arg for x in (*a.args, *a.kwonlyargs) if x.arg != "s"]
    names += [
        n.id
        for n in ast.walk(definition)
        if isinstance(n, ast.Name) and n.id not in names and isinstance(n.ctx, ast.Store) and n.id != "s"
    ]
    for path, node in places(definition):
        for new in replacements(node, names):
            yield f"{ast.unparse(node)} -> {ast.unparse(new)}", replaced(definition, path, new)


def compiled(definition, namespace):
    """The function a definition makes among the names of a module."""
    scope = dict(namespace)
    exec(compile(ast.Module([definition], []), "<mutant>", "exec"), scope)
    return scope[definition.name]


def mutants(rule):
    """Yield (description, function) for every one-place change of a rule and what it calls."""
    for said, definition in changes(rule):
        yield said, compiled(definition, vars(rules))
    used = {n.id for n in ast.walk(tree_of(rule)) if isinstance(n, ast.Name)}
    for name in {"ewa", "bias_correction"} & used:
        for said, definition in changes(getattr(averages, name)):
            helper = compiled(definition, vars(averages))
            yield f"{name}: {said}", compiled(tree_of(rule), vars(rules) | {name: helper})
