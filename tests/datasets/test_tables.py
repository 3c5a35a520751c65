"""Tables of CSV files, against Python's own csv module, and what is damaged, refused with line and byte."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import zkynet as zk
from zkynet.data.formats.digit_table import PIECE, digits_only
from zkynet.data.formats.records import records
from zkynet.errors import ArgumentError, FileFormatError, InvalidValueError

pytestmark = pytest.mark.once

CELLS = st.text(st.sampled_from('ab1.,;"\n é'), max_size=6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_fields_are_those_that_the_csv_module_wrote(rows: list[list[str]], end: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows(rows)
    read = list(records(out.getvalue().encode(), "a.csv", b","))
    assert [[field.decode() for field in record.fields] for record in read] == rows


def test_a_table_of_all_kinds() -> None:
    data = (
        b"\xef\xbb\xbfId,Lot Size,Street,Remark,Empty\r\n"
        b'1,8450,Pave,"large, with ""garden""",\r\n'
        b"\r\n"
        b'2,NA,?,"two\nlines",\r\n'
        b"3, -1.5e3 ,Grvl,,"
    )
    table = zk.data.read_csv(data)
    assert table.names == ("Id", "Lot Size", "Street", "Remark", "Empty")
    assert table.kinds == {"Id": "number", "Lot Size": "number", "Street": "text", "Remark": "text", "Empty": "number"}
    np.testing.assert_array_equal(table["Lot Size"], [8450, np.nan, -1500])
    assert table["Street"].tolist() == ["Pave", None, "Grvl"]
    assert table["Remark"].tolist() == ['large, with "garden"', "two\nlines", None]
    assert table.missing() == {"Lot Size": 1, "Street": 1, "Remark": 1, "Empty": 3}
    assert len(table) == 3
    assert "Lot Size (number, 1 missing)" in repr(table)


def test_what_only_python_would_take_for_a_number_is_text() -> None:
    table = zk.data.read_csv("a,b,c,d\n1_000,infinity,0x1f,١\n".encode())
    assert set(table.kinds.values()) == {"text"}


def test_kinds_encodings_and_separators() -> None:
    table = zk.data.read_csv("n;t\n007;Süd\n".encode("latin-1"), separator=";", kinds={"n": "text"}, encoding="latin-1")
    assert (table["n"][0], table["t"][0]) == ("007", "Süd")


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 5), st.data())
def test_whole_numbers_are_read_at_once(columns: int, data: st.DataObject) -> None:
    numbers = st.integers(0, 10**18 - 1) | st.integers(0, 300)
    rows = data.draw(st.lists(st.lists(numbers, min_size=columns, max_size=columns), min_size=1, max_size=6))
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = end.join(",".join(map(str, row)) for row in rows) + data.draw(st.sampled_from(["", end]))
    read = digits_only(text.encode(), columns)
    assert read is not None
    assert read.tolist() == rows


def test_whole_numbers_in_more_than_one_piece() -> None:
    rng = np.random.default_rng(0)
    numbers = rng.integers(0, 256, (PIECE // 1500, 900))
    text = "\n".join(",".join(map(str, row)) for row in numbers.tolist())
    assert len(text) > 2 * PIECE
    table = zk.data.read_csv((",".join(f"p{i}" for i in range(900)) + "\n" + text + "\n").encode())
    np.testing.assert_array_equal(table.numbers(dtype=np.int64), numbers)


@pytest.mark.parametrize("line", ["1,-2", "1,2.0", "1,", ",2", '1,"2"', "1 ,2", "1,1234567890123456789", "1,2,3", "1"])
def test_what_is_not_quite_whole_numbers_is_not_read_at_once(line: str) -> None:
    assert digits_only(f"5,6\n{line}\n7,8\n".encode(), 2) is None


DAMAGED = {
    "empty": (b" \n", "it is empty"),
    "page": (b"<!DOCTYPE html><html></html>", "it is a web page, no table"),
    "zero": (b"a,b\n1,\0\n", "byte 6 is 0"),
    "fields": (b"a,b\n1,2\n3\n4,5\n", "line 3, byte 8: expected 2, found 1"),
    "too many": (b'a,b\n"x\ny",2\n3,4,5\n', "line 4, byte 12: expected 2, found 3"),
    "open quote": (b'a,b\n1,"2\n3,4\n', "line 2, byte 6: the field begins with"),
    "inner quote": (b'a,b\n1,2"3\n', "there is a quote within a field"),
    "behind quote": (b'a,b\n"1"x,2\n', "line 2, byte 7: expected ',' or the end of the line"),
    "return": (b"a,b\r1,2\r", "line 1, byte 3: found \\r without \\n"),
    "twice": (b"a,b,a\n1,2,3\n", "line 1: 'a'"),
    "encoding": (b"a,b\nx,caf\xe9\n", "line 2, which begins at byte 4, field 2: b'\\xe9'"),
    "cut": (b"a,b\n1,2\n3,", None),
    "no number": (b"a,b\n1,2\nx,3\n", "line 3: 'x'"),
}


@pytest.mark.parametrize(("data", "says"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_tables(data: bytes, says: str | None) -> None:
    kinds = {"a": "number"} if says == "line 3: 'x'" else None
    if says is None:  # a line that is cut off behind a separator is a line with an empty field
        assert zk.data.read_csv(data).missing() == {"b": 1}
        return
    with pytest.raises(FileFormatError) as caught:
        zk.data.read_csv(data, kinds=kinds)
    assert says in str(caught.value)


def test_rows_columns_and_numbers() -> None:
    table = zk.data.read_csv(b"a,b,c\n1,x,2\n3,y,4\n5,x,NA\n")
    assert table.rows(table["b"] == "x")["a"].tolist() == [1, 5]
    assert table.rows(slice(1, None)).select(["c", "a"]).names == ("c", "a")
    assert table.without("b").numbers().dtype == np.float32
    with pytest.raises(ArgumentError, match="the column 'b' is text"):
        table.numbers()
    with pytest.raises(InvalidValueError, match="there is no column 'd'"):
        table["d"]
    with pytest.raises(InvalidValueError, match="different lengths"):
        zk.data.Table({"a": [1], "b": [1, 2]})


def test_what_is_written_is_read(tmp_path: Path) -> None:
    table = zk.data.Table({"n": [1.5, float("nan")], "k": [1, 2], "t": ['a "b", c\n', None]})
    zk.data.write_csv(table, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text().splitlines()[0] == "n,k,t"
    rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text(), newline="")))
    assert rows[1:] == [["1.5", "1", 'a "b", c\n'], ["", "2", ""]]
    again = zk.data.read_csv(tmp_path / "a.csv")
    np.testing.assert_array_equal(again["n"], table["n"])
    assert again["t"].tolist() == ['a "b", c\n', None]


def test_the_encoder_learns_from_the_table_to_train_on_alone() -> None:
    train = zk.data.read_csv(b"size,street,same\n1,Pave,7\n3,Grvl,7\nNA,,7\n")
    other = zk.data.read_csv(b"same,size,street\n8,NA,Pave\n7,5,Dirt\n")
    encoder = zk.data.TableEncoder(train)
    assert encoder.columns == ("size", "size missing", "street Grvl", "street Pave", "street missing", "same")
    assert encoder(train).tolist() == [[-1, 0, 0, 1, 0, 0], [1, 0, 1, 0, 0, 0], [0, 1, 0, 0, 1, 0]]
    assert encoder(other).tolist() == [[0, 1, 0, 1, 0, 1], [3, 0, 0, 0, 0, 0]]
    assert encoder(other).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda t: zk.data.TableEncoder(t, most=1), "the column 'b' has 2 different texts"),
        (lambda t: zk.data.TableEncoder(t)(t.without("b")), "the column 'b' is missing"),
        (lambda t: zk.data.TableEncoder(t)(zk.data.Table({"a": ["x"], "b": ["x"]})), "of another kind"),
        (lambda t: zk.data.TableEncoder({"a": [1]}), "expected a Table"),
        (lambda t: zk.data.read_csv(b"a\n1\n", separator=""), "separator is one character"),
        (lambda t: zk.data.read_csv(b"a\n1\n", kinds={"a": "date"}), "a kind is 'number' or 'text'"),
        (lambda t: zk.data.read_csv(b"a\n1\n", kinds={"b": "text"}), "has no column 'b'"),
    ],
)
def test_mistakes(call: Any, says: str) -> None:
    with pytest.raises((ArgumentError, InvalidValueError), match=says):
        call(zk.data.read_csv(b"a,b\n1,x\n2,y\n"))
