"""The parser of conditions: a text becomes a tree of plain values. Nothing is evaluated here.

condition  = both { "or" both }
both       = one { "and" one }
one        = "not" one | "(" condition ")" | test
test       = column [ operator value | [ "not" ] "in" "(" value { "," value } ")" | "is" [ "not" ] "null" ]
operator   = "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" | "~" | "!~"
value      = number | text | "true" | "false" | column
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from ..errors import Malformed
from .tokens import Kind, Token, refuse, shown, tokens

#: Levels: of parentheses and `not`. Each takes some frames of the stack.
DEEPEST = 32

#: Tests: of one condition. Each is a pass over the column.
MOST_TESTS = 100

_PARAMETER = "where"


class Operator(Enum):
    """An operator between a column and a value."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "~"


_OPERATORS = {operator.value: operator for operator in Operator} | {"==": Operator.EQUAL, "<>": Operator.UNEQUAL}

_NOT_CONTAINS = "!~"

_WORDS = frozenset({"and", "or", "not", "in", "is", "null", "true", "false"})


@dataclass(frozen=True)
class Name:
    """The name of a column."""

    text: str
    position: int


@dataclass(frozen=True)
class Literal:
    """A value. Of a number, the text: which type it gets depends on the column."""

    kind: Kind
    text: str
    position: int


@dataclass(frozen=True)
class Comparison:
    """A column beside a value or another column."""

    column: Name
    operator: Operator
    value: Literal | Name
    position: int


@dataclass(frozen=True)
class Among:
    """A column beside a list of values."""

    column: Name
    values: tuple[Literal, ...]


@dataclass(frozen=True)
class Missing:
    """Whether a column has no value."""

    column: Name


@dataclass(frozen=True)
class Flag:
    """A column of booleans, on its own."""

    column: Name


@dataclass(frozen=True)
class Not:
    """The contrary of a condition."""

    condition: Condition


@dataclass(frozen=True)
class All:
    """Several conditions, of which all hold."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """Several conditions, of which at least one holds."""

    conditions: tuple[Condition, ...]


type Test = Comparison | Among | Missing | Flag
type Condition = Test | Not | All | Any


def parse(text: str) -> Condition:
    """The tree of a condition.

    Raises:
        Malformed: It is none; the message names the position.
    """
    return _Parser(list(tokens(_PARAMETER, text))).whole()


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._next = 0
        self._depth = 0
        self._tests = 0

    def whole(self) -> Condition:
        condition = self._condition()
        if self._token.kind is not Kind.END:
            self._expected("`and`, `or` or the end")
        return condition

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _condition(self) -> Condition:
        return self._joined("or", lambda: self._joined("and", self._one, All), Any)

    def _joined(self, word: str, part: Callable[[], Condition], kind: type[All | Any]) -> Condition:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return kind(tuple(parts)) if len(parts) > 1 else parts[0]

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > DEEPEST:
            refuse(_PARAMETER, f"more than {DEEPEST} levels of parentheses and `not`", self._token.position)
        try:
            if self._takes("not"):
                return Not(self._one())
            if self._takes("("):
                condition = self._condition()
                self._must_take(")")
                return condition
            return self._test()
        finally:
            self._depth -= 1

    def _test(self) -> Condition:
        self._tests += 1
        if self._tests > MOST_TESTS:
            raise Malformed(f"{_PARAMETER} must have at most {MOST_TESTS} tests of columns")
        column = self._name()
        if self._takes("is"):
            is_negated = self._takes("not")
            self._must_take("null")
            return Not(Missing(column)) if is_negated else Missing(column)
        if self._takes("not"):
            self._must_take("in")
            return Not(self._among(column))
        if self._takes("in"):
            return self._among(column)
        return self._comparison(column)

    def _comparison(self, column: Name) -> Condition:
        token = self._token
        if token.kind is not Kind.SYMBOL or token.text in "(),":
            return Flag(column)
        self._next += 1
        if token.text == _NOT_CONTAINS:
            return Not(Comparison(column, Operator.CONTAINS, self._value(), token.position))
        return Comparison(column, _OPERATORS[token.text], self._value_or_name(), token.position)

    def _among(self, column: Name) -> Among:
        self._must_take("(")
        values = [self._value()]
        while self._takes(","):
            values.append(self._value())
        self._must_take(")")
        return Among(column, tuple(values))

    def _value_or_name(self) -> Literal | Name:
        return self._name() if self._is_name() else self._value()

    def _value(self) -> Literal:
        token = self._token
        if self._is_word("null"):
            refuse(_PARAMETER, "nothing equals null: write `is null` or `is not null`", token.position)
        if self._is_name():
            refuse(
                _PARAMETER, f"expected a value, and texts stand in quotes; found {shown(token.text)}", token.position
            )
        is_boolean = self._is_word("true") or self._is_word("false")
        if token.kind not in (Kind.TEXT, Kind.NUMBER) and not is_boolean:
            self._expected("a value")
        self._next += 1
        return Literal(token.kind, token.text.lower() if is_boolean else token.text, token.position)

    def _name(self) -> Name:
        token = self._token
        if not self._is_name():
            self._expected("the name of a column")
        self._next += 1
        return Name(token.text, token.position)

    def _is_name(self) -> bool:
        token = self._token
        is_word = token.kind is Kind.NAME and token.text.lower() in _WORDS
        return token.kind is Kind.QUOTED_NAME or (token.kind is Kind.NAME and not is_word)

    def _is_word(self, word: str) -> bool:
        token = self._token
        return token.kind in (Kind.NAME, Kind.SYMBOL) and token.text.lower() == word

    def _takes(self, word: str) -> bool:
        is_word = self._is_word(word)
        self._next += is_word
        return is_word

    def _must_take(self, word: str) -> None:
        if not self._takes(word):
            self._expected(f"`{word}`")

    def _expected(self, what: str) -> None:
        token = self._token
        found = "the end" if token.kind is Kind.END else shown(token.text)
        refuse(_PARAMETER, f"expected {what}, found {found}", token.position)
