import pytest

from algomancy_api.example.problem import TravellingSalesmanData

from .helpers import etl, upload

HEADER = "name;comment;edge_weight_type;optimum;source\n"
INSTANCE = HEADER + "square;;EUC_2D;4;by hand\n"
WORLD = HEADER + "world;;GEO;;by hand\n"
CITIES = "id;x;y\n1;0;0\n2;0;1\n3;1;1\n4;1;0\n"


@pytest.mark.parametrize(
    ("instance", "cities"),
    [
        pytest.param(INSTANCE, CITIES, id="plain"),
        pytest.param(HEADER + "square;;EUC_2D;;\n", CITIES, id="without-optimum-comment-and-source"),
        pytest.param(INSTANCE, "\ufeff" + CITIES, id="byte-order-mark"),
        pytest.param(INSTANCE, "y;x;id\n0;0;1\n1;0;2\n1;1;3\n0;1;4\n", id="other-order-of-columns"),
        pytest.param(INSTANCE, "\n" + CITIES + "\n", id="blank-lines"),
        pytest.param(INSTANCE, "id;x;y\n4;1;0\n3;1;1\n2;0;1\n1;0;0\n", id="other-order-of-rows"),
    ],
)
def test_good_upload(instance: str, cities: str) -> None:
    result = etl(upload(instance=instance, cities=cities))
    assert result.is_success, result.messages
    assert isinstance(result.datasource, TravellingSalesmanData)
    problem = result.datasource.problem()
    assert problem.ids.tolist() == [1, 2, 3, 4]
    assert problem.coordinates.tolist() == [[0, 0], [0, 1], [1, 1], [1, 0]]


# code, table, column and row of the message that must be among those of a refused upload
REFUSED: dict[str, tuple[dict[str, str], tuple[str | int | None, ...]]] = {
    "no-instance": ({"cities": CITIES}, ("TABLE_MISSING", "instance", None, None)),
    "no-cities": ({"instance": INSTANCE}, ("TABLE_MISSING", "cities", None, None)),
    "no-row": ({"instance": HEADER, "cities": CITIES}, ("NOT_ONE_INSTANCE", "instance", None, None)),
    "two-instances": (
        {"instance": INSTANCE + "again;;ATT;;\n", "cities": CITIES},
        ("NOT_ONE_INSTANCE", "instance", None, None),
    ),
    "no-name": (
        {"instance": HEADER + ";;ATT;;\n", "cities": CITIES},
        ("NAME_MISSING", "instance", "name", 0),
    ),
    "unknown-rule": (
        {"instance": HEADER + "a;;CEIL_2D;;\n", "cities": CITIES},
        ("UNKNOWN_EDGE_WEIGHT_TYPE", "instance", "edge_weight_type", 0),
    ),
    "no-rule": (
        {"instance": HEADER + "a;;;;\n", "cities": CITIES},
        ("UNKNOWN_EDGE_WEIGHT_TYPE", "instance", "edge_weight_type", 0),
    ),
    "half-an-optimum": (
        {"instance": HEADER + "a;;ATT;4.5;\n", "cities": CITIES},
        ("BAD_OPTIMUM", "instance", "optimum", 0),
    ),
    "zero-optimum": (
        {"instance": HEADER + "a;;ATT;0;\n", "cities": CITIES},
        ("BAD_OPTIMUM", "instance", "optimum", 0),
    ),
    "word-for-optimum": (
        {"instance": HEADER + "a;;ATT;short;\n", "cities": CITIES},
        ("BAD_OPTIMUM", "instance", "optimum", 0),
    ),
    "endless-optimum": (
        {"instance": HEADER + "a;;ATT;inf;\n", "cities": CITIES},
        ("BAD_OPTIMUM", "instance", "optimum", 0),
    ),
    "two-cities": (
        {"instance": INSTANCE, "cities": "id;x;y\n1;0;0\n2;1;1\n"},
        ("NUMBER_OF_CITIES", "cities", None, None),
    ),
    "header-alone": (
        {"instance": INSTANCE, "cities": "id;x;y\n"},
        ("NUMBER_OF_CITIES", "cities", None, None),
    ),
    "too-many-cities": (
        {"instance": INSTANCE, "cities": "id;x;y\n" + "".join(f"{i};{i};0\n" for i in range(2_001))},
        ("NUMBER_OF_CITIES", "cities", None, None),
    ),
    "same-id-twice": (
        {"instance": INSTANCE, "cities": CITIES + "2;5;5\n"},
        ("PK_DUPLICATE", "cities", "id", 4),
    ),
    "no-id": ({"instance": INSTANCE, "cities": CITIES + ";5;5\n"}, ("PK_NULL", "cities", "id", 4)),
    "half-an-id": (
        {"instance": INSTANCE, "cities": CITIES + "5.5;5;5\n"},
        ("EXTRACTION_FAILED", None, None, None),
    ),
    "endless-id": (
        {"instance": INSTANCE, "cities": CITIES + "inf;5;5\n"},
        ("EXTRACTION_FAILED", None, None, None),
    ),
    "word-for-id": ({"instance": INSTANCE, "cities": CITIES + "Bonn;5;5\n"}, ("BAD_ID", "cities", "id", 4)),
    "no-coordinate": (
        {"instance": INSTANCE, "cities": CITIES + "5;;5\n"},
        ("BAD_COORDINATE", "cities", "x", 4),
    ),
    "word-for-coordinate": (
        {"instance": INSTANCE, "cities": CITIES + "5;5;far\n"},
        ("BAD_COORDINATE", "cities", "y", 4),
    ),
    "endless-coordinate": (
        {"instance": INSTANCE, "cities": CITIES + "5;5;-inf\n"},
        ("BAD_COORDINATE", "cities", "y", 4),
    ),
    "huge-coordinate": (
        {"instance": INSTANCE, "cities": CITIES + "5;1e300;5\n"},
        ("BAD_COORDINATE", "cities", "x", 4),
    ),
    "latitude": ({"instance": WORLD, "cities": CITIES + "5;91;5\n"}, ("BAD_COORDINATE", "cities", "x", 4)),
    "longitude": ({"instance": WORLD, "cities": CITIES + "5;5;181\n"}, ("BAD_COORDINATE", "cities", "y", 4)),
    "no-column": (
        {"instance": INSTANCE, "cities": "id;x\n1;0\n2;1\n3;2\n"},
        ("MISSING_REQUIRED_COLUMN", "cities", "y", None),
    ),
    "surplus-column": (
        {"instance": INSTANCE, "cities": "id;x;y;z\n1;0;0;0\n2;1;1;1\n3;2;2;2\n"},
        ("UNEXPECTED_COLUMN", "cities", "z", None),
    ),
    "other-separator": (
        {"instance": INSTANCE, "cities": CITIES.replace(";", ",")},
        ("MISSING_REQUIRED_COLUMN", "cities", "x", None),
    ),
    "empty-file": ({"instance": INSTANCE, "cities": ""}, ("EXTRACTION_FAILED", None, None, None)),
    "ragged-file": ({"instance": INSTANCE, "cities": CITIES + "5;5;5;5\n"}, ("EXTRACTION_FAILED", None, None, None)),
    "surplus-fields-that-look-like-row-labels": (
        {"instance": INSTANCE, "cities": "id;x;y\n0;0;0;0\n1;1;1;1\n2;2;2;2\n"},
        ("EXTRACTION_FAILED", None, None, None),
    ),
    "surplus-fields": (
        {"instance": INSTANCE, "cities": "id;x;y\n1;0;0;0\n2;1;1;1\n3;2;2;2\n"},
        ("EXTRACTION_FAILED", None, None, None),
    ),
}


@pytest.mark.parametrize(("texts", "expected"), REFUSED.values(), ids=REFUSED)
def test_bad_upload_is_refused_with_a_message_that_names_the_place(
    texts: dict[str, str], expected: tuple[str | int | None, ...]
) -> None:
    result = etl(upload(**texts))
    assert result.is_failure
    critical = [message for message in result.messages if message.severity == "CRITICAL"]
    assert expected in [(message.code, message.table, message.column, message.row) for message in critical]


def test_unreadable_file_is_named() -> None:
    result = etl(upload(instance=INSTANCE, cities=""))
    assert "'cities'" in result.messages[0].message
