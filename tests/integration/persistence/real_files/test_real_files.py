"""The kept files come back equal, and those that no dataset can be made of are refused with the reason."""

import pytest

from ....support.databases import Database
from .round_trip import Verdict, outcomes
from .sources import kept

#: What is wrong with a file: it has no table, another encoding, several documents, or lacks a part.
REFUSED = {
    "agate-1.14.2 empty.csv": "it is empty",
    "csvkit-2.2.0 test_latin1.csv": "byte 17 (0xa9), in line 3, is not UTF-8",
    "csvkit-2.2.0 testjson_multiline.json": "Extra data",
    "xlsx2csv-0.8.6 formatted_inline_string.xlsx": "no item named 'xl/sharedStrings.xml'",
}


@pytest.mark.filterwarnings("ignore:Unknown extension is not supported:UserWarning")
def test_files_of_other_projects_come_back_equal(database: Database) -> None:
    found = outcomes(database, kept())
    assert {name: outcome for name, outcome in found.items() if outcome.verdict is Verdict.DIFFERENT} == {}
    refused = {name: outcome.why for name, outcome in found.items() if outcome.verdict is Verdict.REFUSED}
    assert refused.keys() == REFUSED.keys(), refused
    assert {name: why for name, why in refused.items() if REFUSED[name] not in why} == {}
    assert len(found) - len(refused) >= 30
