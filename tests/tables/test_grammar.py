"""The parser of conditions: what binds how, and what is refused, with the position."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from algomancy_api.errors import Malformed
from algomancy_api.tables import grammar, ordering
from algomancy_api.tables.grammar import (
    DEEPEST,
    MOST_TESTS,
    All,
    Any,
    Comparison,
    Condition,
    Flag,
    Literal,
    Missing,
    Not,
    parse,
)
from algomancy_api.tables.tokens import LONGEST, items

from ..integration.docs.pages import blocks, rows


def shape(condition: Condition) -> str:
    """A condition with all its parentheses."""
    match condition:
        case All(parts) | Any(parts):
            word = " and " if isinstance(condition, All) else " or "
            return f"({word.join(map(shape, parts))})"
        case Not(part):
            return f"not {shape(part)}"
        case Comparison(column, operator, value):
            return f"{column.text} {operator.value} {value.text}"
        case Missing(column):
            return f"{column.text} is null"
        case Flag(column):
            return column.text
    return f"{condition.column.text} in {[value.text for value in condition.values]}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1 or b=2 and c=3", "(a = 1 or (b = 2 and c = 3))"),
        ("(a=1 or b=2) and c=3", "((a = 1 or b = 2) and c = 3)"),
        ("not a=1 and b", "(not a = 1 and b)"),
        ("not (a and b)", "not (a and b)"),
        ("NOT a IS NOT NULL", "not not a is null"),
        ('a not in ("x", "y")', "not a in ['x', 'y']"),
        ("a!~'x'", "not a ~ x"),
        ("a=-1.5e3", "a = -1.5e3"),
        ("a==TRUE", "a = true"),
        ("`or`=1", "or = 1"),
        ("größe>1", "größe > 1"),
        (r'a = "\"\\\n\u00e9\ud83d\ude00\'"', "a = \"\\\né😀'"),
        (r"""a = 'it\'s "so"'""", """a = it's "so\""""),
        ("a=b", "a = b"),
    ],
)
def test_a_condition_is_read_as_the_page_says(text: str, expected: str) -> None:
    assert shape(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected the name of a column, found the end at position 1"),
        ("a>", "expected a value, found the end at position 3"),
        ("a>1 b", "expected `and`, `or` or the end, found 'b' at position 5"),
        ("a=1 and", "found the end at position 8"),
        ("(a=1", "expected `)`, found the end at position 5"),
        ("a in ()", "expected a value, found ')' at position 7"),
        ("a in (b)", "texts stand in quotes"),
        ('a="x', "a text without its closing quote at position 3"),
        ("`a = 1", "a name without its closing backtick at position 1"),
        ("a = null", "write `is null` or `is not null` at position 5"),
        (r'a = "\x41"', "an escape that JSON does not have"),
        (r'a = "\ud800"', "half a character"),
        ("a = __import__('os')", "expected `and`, `or` or the end, found '(' at position 15"),
        ("a; drop", "unexpected '; drop' at position 2"),
        ("a = 1x", "unexpected '1x' at position 5"),
        ("1 = a", "expected the name of a column, found '1' at position 1"),
    ],
)
def test_what_is_no_condition_is_refused_with_its_position(text: str, says: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(text)
    assert str(refusal.value).startswith("where")
    assert says in str(refusal.value)


def test_a_condition_has_bounds() -> None:
    parse("(" * (DEEPEST - 1) + "a" + ")" * (DEEPEST - 1))
    parse(" or ".join(["a"] * MOST_TESTS))
    for text, says in [
        ("(" * DEEPEST + "a" + ")" * DEEPEST, "levels"),
        ("not " * 1_000 + "a", "levels"),
        (" or ".join(["a"] * (MOST_TESTS + 1)), f"at most {MOST_TESTS} tests"),
        ("a" * (LONGEST + 1), f"at most {LONGEST:,} characters"),
    ]:
        with pytest.raises(Malformed, match=says):
            parse(text)


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="ab`\"'\\()=<>~!,.0-9 eE+ninotrd\n\x00é😀:", max_size=40) | st.text())
@example("`")
@example("'\\'")
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    for read in (parse, ordering.parse, lambda text: list(items("columns", text))):
        with contextlib.suppress(Malformed):
            read(text)


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_and_any_name_can_be_quoted(text: str) -> None:
    doubled = text.replace("`", "``")
    escaped = "".join(f"\\u{ord(each):04x}" if each < "\uffff" else each for each in text)
    parsed = parse(f'`{doubled}` = "{escaped}"')
    assert isinstance(parsed, Comparison)
    assert isinstance(parsed.value, Literal)
    assert (parsed.column.text, parsed.value.text) == (text, text)
    [item] = items("columns", f" `{doubled}` ")
    assert item.whole == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-qty,name", [("qty", True), ("name", False)]),
        (" a b , -`x,y` ", [("a b", False), ("x,y", True)]),
        ("-sum:qty,`-x`", [("sum:qty", True), ("-x", False)]),
    ],
)
def test_a_list_of_names(text: str, expected: list[tuple[str, bool]]) -> None:
    assert [(key.name, key.descends) for key in ordering.parse(text)] == expected


def test_the_conditions_on_the_page_are_conditions() -> None:
    conditions = [cells[0].strip("` ") for cells in rows("docs/tables.md", "condition", "rows with")]
    assert len(conditions) == 9
    assert shape(parse(conditions[0])) == "(qty > 10 and region in ['N', 'S'] and name ~ abc)"
    for condition in conditions:
        parse(f"`{condition}" if condition.startswith("unit") else condition)


def test_the_grammar_on_the_page_is_that_of_the_parser() -> None:
    [block] = blocks("text", "docs/tables.md")
    assert block.text.splitlines() == [line.strip() for line in (grammar.__doc__ or "").splitlines() if " = " in line]


@pytest.mark.parametrize("text", ["", "a,", ",a", "a,,b", "`a", "`a`b", "a`b`", "-"])
def test_a_list_with_a_fault_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match=r"order: .* at position"):
        ordering.parse(text)
