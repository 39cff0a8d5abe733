"""Asks as programs do that use psycopg: prepared, with parameters, in both forms of values."""

import datetime
import math
import struct
import sys
import threading

import psycopg

HOST, PORT, DELIVERED = sys.argv[1], sys.argv[2], int(sys.argv[3])
UTC = datetime.timezone.utc
PLACE = f"host={HOST} port={PORT} user=key dbname=waybill sslmode=disable"

VALUES = [
    ("true", True),
    ("false", False),
    ("null", None),
    ("7", 7),
    ("-9223372036854775807", -9223372036854775807),
    ("cast(3 as smallint)", 3),
    ("cast(0.25 as real)", 0.25),
    ("0.1 + 0.2", 0.1 + 0.2),
    ("cast('Infinity' as double)", math.inf),
    ("1e300 * 10", 1e300 * 10),
    ("''", ""),
    ("'ä''\"\\ \U0001f4e7'", "ä'\"\\ \U0001f4e7"),
    ("cast('2026-11-22' as date)", datetime.date(2026, 11, 22)),
    ("cast('0001-01-01' as date)", datetime.date(1, 1, 1)),
    ("cast('2026-11-22T08:00:00.123456' as timestamp)",
     datetime.datetime(2026, 11, 22, 8, 0, 0, 123456)),
    ("cast('1969-12-31T23:59:59.999999Z' as timestamptz)",
     datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)),
    ("make_array(1, null, 3)", [1, None, 3]),
    ("make_array('a', null, 'b \"\\,{}', '', 'null')", ["a", None, 'b "\\,{}', "", "null"]),
    ("make_array(true, false)", [True, False]),
    ("make_array(1.5, 2.5)", [1.5, 2.5]),
    ("named_struct('a', 1, 'b', 'x')", {"a": 1, "b": "x"}),
    ("make_array(make_array(1), make_array(2, 3))", [[1], [2, 3]]),
    ("x'00ff'", b"\x00\xff"),
]


def one(connection, question, values=None, **more):
    rows = connection.execute(question, values, **more).fetchall()
    assert len(rows) == 1, rows
    return rows[0][0]


with psycopg.connect(PLACE) as connection:
    for text, value in VALUES:
        for binary in (False, True):
            told = one(connection, f"select {text} as v", binary=binary)
            assert told == value and type(told) is type(value), (text, binary, told)

    kind = "delivery.delivered"
    counted = "select count(*) from events where kind = %s"
    for prepare in (False, True, True):
        assert one(connection, counted, (kind,), prepare=prepare) == DELIVERED
    assert one(connection, counted, ("x' or '1'='1",)) == 0
    everything = one(connection, "select count(*) from events")
    first, last = connection.execute("select min(at), max(at) from events").fetchone()
    assert first.tzinfo is not None, first
    between = "select count(*) from events where at >= %s and at <= %s"
    assert one(connection, between, (first, last)) == everything
    assert one(connection, between, (first, last), binary=True) == everything
    sized = "select count(*) from events where size > %s and size <= %s"
    known = one(connection, "select count(size) from events")
    assert one(connection, sized, (-1, 2**40)) == known
    assert len(connection.execute("select kind from events limit %s", (3,)).fetchall()) == 3
    assert one(connection, "select %s::text", ("given",)) == "given"

    # All columns of all rows, in both forms; `real` has fewer digits as text.
    def rows(binary):
        rows = connection.execute("select * from events", binary=binary).fetchall()
        short = lambda it: struct.pack("f", it) if isinstance(it, float) else it
        return sorted(repr([short(it) for it in row]) for row in rows)

    assert rows(False) == rows(True)
    assert len(rows(True)) == everything

    connection.rollback()
    for wrong, error in [
        ("select nope from events", psycopg.errors.UndefinedColumn),
        ("selec 1", psycopg.errors.SyntaxError),
        ("delete from events", psycopg.errors.ReadOnlySqlTransaction),
        ("select * from nope", psycopg.errors.UndefinedTable),
    ]:
        try:
            connection.execute(wrong)
        except error:
            connection.rollback()
        else:
            raise AssertionError(wrong)
    try:
        connection.execute(sized, ("x", "y"))
    except psycopg.errors.InvalidTextRepresentation:
        connection.rollback()
    else:
        raise AssertionError("no number is taken")
    with connection.transaction():
        assert one(connection, "show transaction_read_only") == "on"

with psycopg.connect(PLACE, autocommit=True) as connection:
    with connection.pipeline():
        cursors = [connection.execute("select %s + 1", (number,)) for number in range(5)]
        assert [cursor.fetchone()[0] for cursor in cursors] == [1, 2, 3, 4, 5]

# A question that is cancelled ends; the connection goes on.
with psycopg.connect(PLACE, autocommit=True) as connection:
    timer = threading.Timer(0.5, connection.cancel)
    timer.start()
    try:
        connection.execute(
            "select count(*) from events a, events b, events c where a.size + b.size > c.size"
        )
    except psycopg.errors.QueryCanceled as error:
        assert "by the client" in str(error), error
    else:
        raise AssertionError("it is not cancelled")
    assert one(connection, "select 1") == 1

print("all is right")
