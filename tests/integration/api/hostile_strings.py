"""What somebody may write into a parameter who means no good, or whose program is broken."""

import itertools
from urllib.parse import quote_from_bytes

_SQL = [
    "'", '"', "`", "\\", ";", "--", "#", "/*", "*/", "/*!50000 1*/", "' OR '1'='1", "' OR 1=1 -- ", "' OR 1=1 # ",
    '" OR ""="', "') OR ('1'='1", "1; DROP TABLE teams", "'; DROP TABLE teams; --", "' UNION SELECT * FROM users --",
    "' UNION SELECT null,null,null,null,null,null,null,null --", "1 OR 1=1", "1) OR (1=1", "admin'--",
    "\\'; SELECT 1; --", "' AND SLEEP(0) --", "' AND 1=CAST((SELECT name FROM teams LIMIT 1) AS INT) --",
    "' || (SELECT email FROM users) || '", "'+(SELECT 1)+'", "%27", "%%", "%s", "%(name)s", ":name", "?", "@@version",
    "CHAR(39)", "0x27", "x' AND club_id != '", "' OR club_id IS NOT NULL --", "name) OR (1", "NULL", "null", "true",
    "false", "id", "*", "COLLATE utf8mb4_bin", "' COLLATE latin1_bin", "ESCAPE '/'", "/%", "/_", "//", "_", "%",
    "____", "[a-z]", "^", "$", ".*", "LIKE '%'",
]  # fmt: skip
_UNICODE = [
    "\0", "a\0b", "\x01", "\x1a", "\x7f", "\x80", "\xa0", "\u00ad", "\u200b", "\u200d", "\u202e", "\u2028", "\ufeff",
    "\ufffd", "\ufffe", "\uffff", "\U0001f600", "\U0010ffff", "\U000e0041", "e\u0301", "é", "\u0301", "\u0301" * 50,
    "ß", "ẞ", "ŉ", "İ", "ı", "ﬃ", "ﷺ", "㎏", "½", "①", "Ⅷ", "٣", "१२", "𝟙", "＇ OR １=１", "ʼ", "’", "＂", "％", "＿",
    "\ud800", "\udfff", "\ud83d", "a\udc00b", "مرحبا", "王", "ǅ", "ﬀ", "\r\n", "\n", "\t", "\x0b", "\x1b[31m", " ",
    "   ", "", "x" * 199, "x" * 200, "x" * 201, "é" * 200, "\U0001f600" * 200, "x" * 5000, "," * 99, "," * 150,
    "'" * 200, "%" * 200, "\\" * 200, "_" * 200,
]  # fmt: skip
_FORMATS = [
    "%d", "%n", "%99999999d", "{}", "{0}", "{name!r}", "{0.__class__}", "${7*7}", "{{7*7}}", "#{7*7}", "<%= 7 %>",
    "$(id)", "`id`", "| id", "; id", "&& id", "../../etc/passwd", "..\\..\\x", "file:///etc/passwd",
    "http://127.0.0.1/", "<script>", "javascript:1", "<!--", "]]>", "&amp;", "&#0;", '{"$gt": ""}', "[]", "{}",
    '{"a": 1}', '["x"]', '"x"', "undefined", "None", "__proto__", "constructor", "__class__", "self", "*)(uid=*",
    "jndi:ldap://x", "Set-Cookie: x=1", "\r\nX-Bad: 1",
]  # fmt: skip
_NUMBERS = [
    "0", "-0", "-1", "+1", "1.0", "1e3", "1E400", "-1e400", "1e-400", "NaN", "nan", "inf", "-Infinity", "Infinity",
    "0x10", "0b1", "0o7", "010", "1_000", "1,5", "1 ", " 1", "٣", "2147483647", "2147483648", "-2147483648",
    "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" + "0" * 30,
    "9" * 400, "9" * 5000, "0." + "1" * 500, "1e", ".5", "5.", "--1", "1-1", "½",
]  # fmt: skip
_MOMENTS = [
    "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "2026-02-29", "2024-02-29", "2026-13-01", "2026-00-10",
    "-0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:60Z", "2026-06-30T23:59:60Z", "2026-11-15T24:00:00Z", "2026-11-15T12:00:00",
    "2026-11-15T12:00:00Z", "2026-11-15 12:00:00Z", "2026-11-15T12:00Z", "2026-11-15T12:00:00.123456789Z",
    "2026-11-15T12:00:00+99:99", "2026-11-15T12:00:00+23:59", "2026-11-15T12:00:00-00:00", "20261115T120000Z",
    "2026-W46-7", "2026-319", "1700000000", "-62135596801", "253402300800", "9" * 20, "today", "now", "infinity",
    "2026-11-15T12:00:00Z' OR '1'='1", "1000-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
]  # fmt: skip
_IDS = [
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "{00000000-0000-4000-8000-000000000000}",
    "urn:uuid:00000000-0000-4000-8000-000000000000", "0" * 32, "0" * 31, "0" * 33,
    "00000000-0000-4000-8000-00000000000g", "00000000-0000-4000-8000-000000000000' OR '1'='1", "me", "1",
    "00000000-0000-4000-8000-000000000000,00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000000,",
]  # fmt: skip
_ORDERS = [
    "name", "-name", "--name", "-", ",", "name,", ",name", "name,name", "name,-name", "name desc",
    "name; DROP TABLE teams", "NAME", "club_id", "password_hash", "id", "created_at", "-created_at", "(SELECT 1)",
    "name COLLATE BINARY", "RAND()", "1", "0", "name/**/", "created_at," * 10 + "name", "created_at," * 1000,
    "name%00", "-created_at,-updated_at", "users.password_hash", "name ASC, (SELECT 1)",
]  # fmt: skip
_AROUND = ["{}'", "1 {}", "({})", "{0},{0}", "One {}", "%{}%"]


def hostile_strings() -> list[str]:
    """More than 500, each once."""
    plain = [*_SQL, *_UNICODE, *_FORMATS, *_NUMBERS, *_MOMENTS, *_IDS, *_ORDERS]
    frames = itertools.cycle(_AROUND)
    framed = [frame.replace("{0}", text).replace("{}", text) for frame, text in zip(frames, plain, strict=False)]
    return list(dict.fromkeys([*plain, *framed]))


def escaped(text: str) -> str:
    """As it goes into a query string. Lone surrogates become the bytes that no decoder of UTF-8 takes."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")
