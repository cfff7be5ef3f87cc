"""Broken definitions: a whole one, and what is changed in it → every fault that must be told, word for word."""
# ruff: noqa: E501  a message is told on one line, and is easier to compare so

WHOLE = """
format = "escruta/election/v1"
id = "x-2024"
name = "An election"
date = 2024-07-28
time_zone = "UTC"
languages = ["en", "es"]
policy = "single"

[stations]
key = [{ part = "centre", width = 6 }, { part = "table", kind = "number" }]
expected = 10

[[levels]]
id = "state"
name = "State"
code_from = { part = "centre", first = 2 }

[[levels]]
id = "town"
name = "Town"

[register]
source = "authority"

[[contests]]
id = "president"
name = "President"
figures = ["registered_voters", "valid", "null"]
further_figures = [{ id = "spoilt", name = "Spoilt" }]
candidates = [{ id = "ana", name = "Ana" }, { id = "ben", name = "Ben" }]
options = [{ id = "red", name = "Red", candidate = "ana" }, { id = "rose", name = "Rose", candidate = "ana" }, { id = "blue", name = "Blue", candidate = "ben" }]

[[origins]]
id = "transmission"
name = "Transmission"
owner = "authority"

[[origins]]
id = "witnesses"
name = "Witness copies"
owner = "party"
adverse_to = ["transmission"]

[[sources]]
id = "authority"
name = "Authority"
kind = "authority"
origin = "transmission"
files = [{ path = "a.csv" }]

[sources.layout]
station = { centre = "C", table = { column = "T", pattern = '^(\\d+)' } }
areas = { town = { code = "TC", name = "TN" } }
figures = { registered_voters = "RV", valid = "V" }
votes = { ana = "A", ben = "B" }

[[sources]]
id = "party"
name = "Party"
kind = "party"
origin = "witnesses"
files = [{ path = "b.csv" }]

[sources.layout]
station = { centre = "C", table = "T" }
votes = { red = "R1", rose = "R2", ben = "B1" }

[[announcements]]
id = "bulletin"
name = "Bulletin"
by = "authority"
votes = { ana = 10 }
others = { votes = 5, candidates = ["ben"] }
valid = 15

[checks]
S202 = { severity = "warning", limit = 0.99, minimum = 50 }
"""

BROKEN: dict[str, tuple[tuple[tuple[str, str], ...], tuple[str, ...]]] = {
    "not TOML": (
        (('policy = "single"', 'policy = "single'),),
        (
            "line 8, column 17: found Illegal character '\\n', expected TOML. Look at this line: quotes, brackets and commas; names with accents or spaces stand in quotes.",
        ),
    ),
    "unknown key at the root": (
        (('policy = "single"', 'polici = "single"'),),
        (
            "polici: found a key `polici`, expected one of `format`, `id`, `name`, `date`, `country`, `map`, `time_zone`, `languages`, `site`, `notes`, `policy`, `stations`, `levels`, `register`, `contests`, `origins`, `sources`, `announcements`, `checks`. Did you mean `policy`?",
        ),
    ),
    "several forms at once": (
        (
            ("date = 2024-07-28", 'date = "yesterday"'),
            ("expected = 10", "expected = -1"),
            ('kind = "party"', 'kind = "parti"'),
            ("valid = 15", "valid = 1.5"),
        ),
        (
            'date: found "yesterday", expected a date (2024-07-28) or a moment (2024-07-28T18:00:00-04:00). This key means: The day of the vote.',
            "stations.expected: found -1, expected at least 0. This key means: Polling stations in the country, when a source says so; otherwise the complete register is counted.",
            'sources[1].kind: found "parti", expected one of `authority`, `party`, `observer`, `press`, `citizen`. This key means: Who gave it to us.',
            "announcements[0].valid: found 1.5, expected a whole number. This key means: Valid votes.",
        ),
    ),
    "names in no language": (
        (('name = "President"', "name = {}"),),
        ("contests[0].name: found {}, expected at least one entry. This key means: What it is called on the pages.",),
    ),
    "moments at both ends of the calendar": (
        (
            ("date = 2024-07-28", "date = 1899-12-31"),
            ('id = "bulletin"', 'id = "bulletin"\nat = 0001-01-01T00:00:00+14:00'),
            ('kind = "party"', 'kind = "party"\nas_of = 9999-12-31T23:59:59-12:00'),
        ),
        (
            'date: found "1899-12-31", expected a year from 1900 to 2200. This key means: The day of the vote.',
            'sources[1].as_of: found "9999-12-31T23:59:59-12:00", expected a year from 1900 to 2200. This key means: The moment that its figures stand for.',
            'announcements[0].at: found "0001-01-01T00:00:00+14:00", expected a year from 1900 to 2200. This key means: When.',
        ),
    ),
    "form and meaning at once": (
        (("date = 2024-07-28\n", ""), ('origin = "witnesses"', 'origin = "witneses"')),
        (
            "date: found nothing, expected a value. Write it: The day of the vote.",
            'sources[1].origin: found "witneses", expected a known origin: `transmission`, `witnesses`. Did you mean `witnesses`?',
        ),
    ),
    "id with capitals": (
        (('id = "bulletin"', 'id = "Bulletin"'),),
        (
            'announcements[0].id: found "Bulletin", expected an id: small letters a–z, digits, `-` and `_`, at most 64. This key means: The announcement\'s id.',
        ),
    ),
    "not a file list": (
        (('files = [{ path = "b.csv" }]', "files = []"),),
        (
            "sources[1].files: found [], expected at least one entry. This key means: Its files; several files of the same layout are read as one.",
        ),
    ),
    "digest cut off": (
        (('{ path = "b.csv" }', '{ path = "b.csv", sha256 = "abc" }'),),
        (
            'sources[1].files[0].sha256: found "abc", expected a SHA-256: 64 digits 0–9 and a–f. This key means: The SHA-256 of its bytes; another file in its place is refused.',
        ),
    ),
    "empty name": (
        (('name = "Bulletin"', 'name = { en = "" }'),),
        (
            'announcements[0].name.en: found "", expected text that is not empty. This key means: What it is called on the pages.',
        ),
    ),
    "delimiter too long": (
        (("votes = { red", "delimiter = ';;'\nvotes = { red"),),
        (
            'sources[1].layout.delimiter: found ";;", expected one character. This key means: What separates the columns of a text file; detected when absent.',
        ),
    ),
    "country name": (
        (('time_zone = "UTC"', 'time_zone = "UTC"\ncountry = "Bolivia"'),),
        (
            'country: found "Bolivia", expected two capital letters of ISO 3166-1, such as `BO`. This key means: The country\'s two letters of ISO 3166-1; left out for a fictional one.',
        ),
    ),
    "format version": (
        (("election/v1", "election/v9"),),
        (
            'format: found "escruta/election/v9", expected one of `escruta/election/v1`. This key means: The version of this format.',
        ),
    ),
    "source id twice": (
        (('id = "party"', 'id = "authority"'),),
        (
            'sources[1].id: found "authority", expected an id that is used once. Rename one of the two that are called `authority`.',
        ),
    ),
    "candidate twice": (
        (('{ id = "ben", name = "Ben" }', '{ id = "ana", name = "Ben" }'),),
        (
            'contests[0].candidates[1].id: found "ana", expected an id that is used once. Rename one of the two that are called `ana`.',
            'contests[0].options[2].candidate: found "ben", expected a known candidate: `ana`. Correct it, or declare this candidate.',
            "sources[0].layout.votes.ben: found a key `ben`, expected a known candidate or option: `ana`, `red`, `rose`, `blue`. Correct it, or declare this candidate or option.",
            "sources[1].layout.votes.ben: found a key `ben`, expected a known candidate or option: `ana`, `red`, `rose`, `blue`. Correct it, or declare this candidate or option.",
            'announcements[0].others.candidates[0]: found "ben", expected a known candidate: `ana`. Correct it, or declare this candidate.',
        ),
    ),
    "key part twice": (
        (('part = "table"', 'part = "centre"'),),
        (
            'stations.key[1].part: found "centre", expected an id that is used once. Rename one of the two that are called `centre`.',
            "sources[0].layout.station.table: found a key `table`, expected a known part of the station key: `centre`. Correct it, or declare this part of the station key.",
            "sources[1].layout.station.table: found a key `table`, expected a known part of the station key: `centre`. Correct it, or declare this part of the station key.",
        ),
    ),
    "policy unknown": (
        (('policy = "single"', 'policy = "majority"'),),
        (
            'policy: found "majority", expected `single`, `corroborated`, `confirmed` or `source:ID`. Use `single` unless the election\'s own rules ask for more.',
        ),
    ),
    "policy with unknown source": (
        (('policy = "single"', 'policy = "source:autority"'),),
        ('policy: found "source:autority", expected a known source: `authority`, `party`. Did you mean `authority`?',),
    ),
    "no languages": (
        (('["en", "es"]', "[]"),),
        (
            'languages: found [], expected at least one language. Write for example `languages = ["en"]`, or leave the key out.',
        ),
    ),
    "language twice": (
        (('["en", "es"]', '["en", "en"]'),),
        ('languages: found ["en", "en"], expected each language once. Remove all but one `en`.',),
    ),
    "time zone unknown": (
        (('time_zone = "UTC"', 'time_zone = "Europe/La_Paz"'),),
        (
            'time_zone: found "Europe/La_Paz", expected a time zone such as `America/La_Paz`. Did you mean `America/La_Paz`?',
        ),
    ),
    "address with a password": (
        (('time_zone = "UTC"', 'time_zone = "UTC"\nsite = { address = "https://ana:geheim@h.example/" }'),),
        (
            'site.address: found "https://ana:geheim@h.example/", expected the address of a folder: `https://` or `http://`, a host without name or password, and a plain path. This key means: The address of the folder of the pages, such as `https://results.example/2031/`, without name or password.',
        ),
    ),
    "address with steps upwards": (
        (('time_zone = "UTC"', 'time_zone = "UTC"\nsite = { address = "https://h.example/../x" }'),),
        (
            'site.address: found "https://h.example/../x", expected the address of a folder: `https://` or `http://`, a host without name or password, and a plain path. This key means: The address of the folder of the pages, such as `https://results.example/2031/`, without name or password.',
        ),
    ),
    "time zone not one": (
        (('time_zone = "UTC"', 'time_zone = "-04:00"'),),
        (
            'time_zone: found "-04:00", expected a time zone such as `America/La_Paz`. Use a name of the IANA time zone database.',
        ),
    ),
    "expected zero": (
        (("expected = 10", "expected = 0"),),
        ("stations.expected: found 0, expected at least 1. Leave the key out when the number is not known.",),
    ),
    "level without a way to tell": (
        (('areas = { town = { code = "TC", name = "TN" } }\n', ""),),
        (
            "levels[1].code_from: found nothing, expected a way to tell the area. Name its column in a source's or the register's `layout.areas.town`, or say with `code_from` where the area's code stands in the station key.",
        ),
    ),
    "code from unknown part": (
        (('part = "centre", first = 2', 'part = "center", first = 2'),),
        (
            'levels[0].code_from.part: found "center", expected a known part of the station key: `centre`, `table`. Did you mean `centre`?',
        ),
    ),
    "code longer than part": (
        (("first = 2", "first = 7"),),
        (
            "levels[0].code_from.first: found 7, expected at most 6, the width of `centre`. Count the characters of the area's code.",
        ),
    ),
    "levels from narrow to wide": (
        (('name = "Town"', 'name = "Town"\ncode_from = { part = "centre", first = 1 }'),),
        (
            "levels[1].code_from.first: found 1, expected more than 2, which the wider level takes. List the levels from the widest to the narrowest; a narrower area has a longer code.",
        ),
    ),
    "option of unknown candidate": (
        (('candidate = "ben" }', 'candidate = "bem" }'),),
        (
            'contests[0].options[2].candidate: found "bem", expected a known candidate: `ana`, `ben`. Did you mean `ben`?',
            'contests[0].candidates[1].id: found "ben", expected at least one ballot option that carries it. Add its option to `options`.',
        ),
    ),
    "option named like a candidate": (
        (('id = "red", name', 'id = "ana", name'), ("red = ", "ana = ")),
        (
            'contests[0].options[0].id: found "ana", expected an id that no candidate has. Rename the option, for example `ana-list`; a layout could not tell the two apart.',
            'sources[0].layout.votes.ana: found "A", expected a candidate\'s votes once. Its votes would be counted twice: keep its own column, or the columns of `ana`.',
            'sources[1].layout.votes.ana: found "R1", expected a candidate\'s votes once. Its votes would be counted twice: keep its own column, or the columns of `ana`, `rose`.',
        ),
    ),
    "candidate without option": (
        (('candidate = "ben" }', 'candidate = "ana" }'),),
        (
            'contests[0].candidates[1].id: found "ben", expected at least one ballot option that carries it. Add its option to `options`.',
            "sources[1].layout.votes.ana: found nothing, expected a column for each of its options, also `blue`. Add the missing columns.",
        ),
    ),
    "candidate named like a figure": (
        (('id = "spoilt"', 'id = "ana"'),),
        (
            'contests[0].candidates[0].id: found "ana", expected an id that no figure has. Rename it, for example `ana-list`; a layout could not tell it from the figure.',
        ),
    ),
    "option named like a further figure": (
        (('id = "red", name', 'id = "spoilt", name'), ("red = ", "spoilt = ")),
        (
            'contests[0].options[0].id: found "spoilt", expected an id that no figure has. Rename it, for example `spoilt-list`; a layout could not tell it from the figure.',
        ),
    ),
    "figure of its own as further figure": (
        (('id = "spoilt"', 'id = "blank"'),),
        (
            'contests[0].further_figures[0].id: found "blank", expected a name that is not a figure\'s own. Name `blank` in `figures` instead; it has a meaning of its own.',
        ),
    ),
    "figure twice": (
        (('"valid", "null"]', '"valid", "valid"]'),),
        ('contests[0].figures[2]: found "valid", expected each figure once. Remove the second one.',),
    ),
    "contest without source": (
        (
            (
                '[[origins]]\nid = "transmission"',
                '[[contests]]\nid = "mayor"\nname = "Mayor"\ncandidates = [{ id = "x", name = "X" }]\n\n[[origins]]\nid = "transmission"',
            ),
            ('origin = "transmission"', 'origin = "transmission"\ncontest = "president"'),
            ('origin = "witnesses"\n', 'origin = "witnesses"\ncontest = "president"\n'),
            ('by = "authority"', 'by = "authority"\ncontest = "president"'),
        ),
        ('contests[1].id: found "mayor", expected a source that speaks of it. Add a source, or remove the contest.',),
    ),
    "contest not said": (
        (
            (
                '[[origins]]\nid = "transmission"',
                '[[contests]]\nid = "mayor"\nname = "Mayor"\ncandidates = [{ id = "x", name = "X" }]\n\n[[origins]]\nid = "transmission"',
            ),
            ('by = "authority"', 'by = "authority"\ncontest = "presidnt"'),
        ),
        (
            "sources[0].contest: found nothing, expected one of `president`, `mayor`. Say which contest it speaks of.",
            "sources[1].contest: found nothing, expected one of `president`, `mayor`. Say which contest it speaks of.",
            'announcements[0].contest: found "presidnt", expected a known contest: `president`, `mayor`. Did you mean `president`?',
        ),
    ),
    "origin unknown": (
        (('origin = "witnesses"\n', 'origin = "witness"\n'),),
        (
            'sources[1].origin: found "witness", expected a known origin: `transmission`, `witnesses`. Did you mean `witnesses`?',
        ),
    ),
    "adverse to unknown": (
        (('adverse_to = ["transmission"]', 'adverse_to = ["transmision"]'),),
        (
            'origins[1].adverse_to[0]: found "transmision", expected a known origin: `transmission`. Did you mean `transmission`?',
        ),
    ),
    "adverse to itself": (
        (('adverse_to = ["transmission"]', 'adverse_to = ["witnesses"]'),),
        (
            'origins[1].adverse_to[0]: found "witnesses", expected another origin. An origin is not adverse to itself; remove it.',
        ),
    ),
    "adverse to what it derives from": (
        (('adverse_to = ["transmission"]', 'adverse_to = ["transmission"]\nderived_from = ["transmission"]'),),
        (
            'origins[1].adverse_to[0]: found "transmission", expected an origin that is independent of this one. One derives from the other, so their agreement shows nothing; remove it here or in `derived_from`.',
        ),
    ),
    "too many origins": (
        (
            (
                "[[origins]]\n",
                "".join(f'[[origins]]\nid = "o{n}"\nname = "O"\nowner = "party"\n\n' for n in range(61))
                + "[[origins]]\n",
            ),
        ),
        (
            "origins: found 63 origins, expected at most 62. Copies that left the polling stations by one path have one origin, whoever collected or typed them.",
        ),
    ),
    "origins in a circle": (
        (
            ('adverse_to = ["transmission"]', 'derived_from = ["transmission"]'),
            ('owner = "authority"', 'owner = "authority"\nderived_from = ["witnesses"]'),
        ),
        (
            'origins[0].derived_from: found ["witnesses"], expected no way back to itself. Two origins cannot each be made from the other.',
            'origins[1].derived_from: found ["transmission"], expected no way back to itself. Two origins cannot each be made from the other.',
        ),
    ),
    "supersedes unknown": (
        (('origin = "witnesses"\n', 'origin = "witnesses"\nsupersedes = ["autority"]\n'),),
        (
            'sources[1].supersedes[0]: found "autority", expected a known source: `authority`, `party`. Did you mean `authority`?',
        ),
    ),
    "supersedes in a circle": (
        (
            ('origin = "witnesses"\n', 'origin = "witnesses"\nsupersedes = ["authority"]\n'),
            ('origin = "transmission"', 'origin = "transmission"\nsupersedes = ["party"]'),
        ),
        (
            'sources[0].supersedes: found ["party"], expected no way back to itself. Keep it only in the later source.',
            'sources[1].supersedes: found ["authority"], expected no way back to itself. Keep it only in the later source.',
        ),
    ),
    "register from unknown source": (
        (('source = "authority"', 'source = "autority"'),),
        (
            'register.source: found "autority", expected a known source: `authority`, `party`. Did you mean `authority`?',
        ),
    ),
    "register both ways": (
        (('source = "authority"', 'source = "authority"\nfiles = [{ path = "r.csv" }]'),),
        (
            'register.source: found "authority", expected one way to read the register. Keep `source`, or else `files` and `layout`; not both.',
        ),
    ),
    "register no way": (
        (('source = "authority"', "complete = true"),),
        (
            "register.source: found nothing, expected a source, or files with a layout. Name a source that lists the stations.",
        ),
    ),
    "register without layout": (
        (('source = "authority"', 'files = [{ path = "r.csv" }]'),),
        (
            "register.layout: found nothing, expected both `files` and `layout`. A register of its own needs its files and their layout.",
        ),
    ),
    "register with votes": (
        (
            (
                'source = "authority"',
                'files = [{ path = "r.csv" }]\nlayout = { station = { centre = "C", table = "T" }, figures = { valid = "V" }, votes = { ana = "A" } }',
            ),
        ),
        (
            "register.layout.figures.valid: found a key `valid`, expected a known figure of a register: `registered_voters`. Correct it, or declare this figure of a register.",
            'register.layout.votes: found {"ana": "A"}, expected no votes in a register. Make it a source, and name that source in `register`.',
        ),
    ),
    "path outside": (
        (('path = "b.csv"', 'path = "../b.csv"'),),
        (
            'sources[1].files[0].path: found "../b.csv", expected a path inside the data folder. Write it relative to the data folder, with `/`, and name that folder with `--data`.',
        ),
    ),
    "path absolute": (
        (('path = "b.csv"', 'path = "C:/b.csv"'),),
        (
            'sources[1].files[0].path: found "C:/b.csv", expected a path inside the data folder. Write it relative to the data folder, with `/`, and name that folder with `--data`.',
        ),
    ),
    "station part unknown and missing": (
        (('station = { centre = "C", table = "T" }', 'station = { center = "C", table = "T" }'),),
        (
            "sources[1].layout.station.center: found a key `center`, expected a known part of the station key: `centre`, `table`. Did you mean `centre`?",
            "sources[1].layout.station.centre: found nothing, expected a column. Name the column in which this part of the station key stands.",
        ),
    ),
    "area of unknown level": (
        (("areas = { town =", 'areas = { twon = "X", town ='),),
        (
            "sources[0].layout.areas.twon: found a key `twon`, expected a known level: `state`, `town`. Did you mean `town`?",
        ),
    ),
    "area says nothing": (
        (('areas = { town = { code = "TC", name = "TN" } }', "areas = { town = {} }"),),
        (
            "sources[0].layout.areas.town: found {}, expected `code`, `name` or both. Name the column of the area's code, of its name, or of both.",
        ),
    ),
    "cell with nothing": (
        (('table = "T" }\nvotes', "table = {} }\nvotes"),),
        (
            "sources[1].layout.station.table: found {}, expected either `column` or `value`. Name the column, or give the constant; one of the two.",
        ),
    ),
    "cell with both": (
        (('table = "T" }\nvotes', 'table = { column = "T", value = "1" } }\nvotes'),),
        (
            'sources[1].layout.station.table: found {"column": "T", "value": "1"}, expected either `column` or `value`. Name the column, or give the constant; one of the two.',
        ),
    ),
    "pattern without column": (
        (('table = "T" }\nvotes', "table = { value = \"1\", pattern = '(x)' } }\nvotes"),),
        (
            'sources[1].layout.station.table.pattern: found "(x)", expected a `column` beside it. A pattern is looked for in a column; name it.',
        ),
    ),
    "pattern that does not hold": (
        (("'^(\\d+)'", "'^(\\d+'"),),
        (
            'sources[0].layout.station.table.pattern: found "^(\\\\d+", expected a regular expression. It does not hold together: missing ), unterminated subpattern at character 2.',
        ),
    ),
    "pattern without group": (
        (("'^(\\d+)'", "'^\\d+'"),),
        (
            'sources[0].layout.station.table.pattern: found "^\\\\d+", expected a group in brackets. Put brackets round the part that is the value: `^(\\d+)-`.',
        ),
    ),
    "pattern with two groups": (
        (("'^(\\d+)'", "'^(\\d)(\\d)'"),),
        (
            'sources[0].layout.station.table.pattern: found "^(\\\\d)(\\\\d)", expected one group, or one called `value`. Call the group that is the value `(?P<value>…)`, or make the others `(?:…)`.',
        ),
    ),
    "pattern that looks around": (
        (("'^(\\d+)'", "'^(\\d+)(?=-)'"),),
        (
            'sources[0].layout.station.table.pattern: found "^(\\\\d+)(?=-)", expected a regular expression in the strict sense. Look-around and references back to a group cannot be used here; match the whole and put a group in it.',
        ),
    ),
    "figure not declared": (
        (('valid = "V" }', 'blank = "V" }'),),
        (
            "sources[0].layout.figures.blank: found `blank`, expected a figure that the contest declares: `registered_voters`, `valid`, `null`, `spoilt`. Add it to `figures` of the contest `president`.",
        ),
    ),
    "figure mistyped": (
        (('valid = "V" }', 'vaild = "V" }'),),
        (
            "sources[0].layout.figures.vaild: found a key `vaild`, expected a known figure of the contest: `registered_voters`, `valid`, `null`, `spoilt`. Did you mean `valid`?",
        ),
    ),
    "no votes": (
        (('votes = { ana = "A", ben = "B" }\n', ""),),
        (
            "sources[0].layout.votes: found nothing, expected the votes. Name the column of each candidate in `votes`; or use `long`, or `qr`.",
        ),
    ),
    "two ways of votes": (
        (('votes = { ana = "A", ben = "B" }', 'votes = { ana = "A", ben = "B" }\nqr = "Q"'),),
        (
            'sources[0].layout.qr: found "Q", expected one way to give votes, and `votes` is there. Keep `votes` or `qr`; make a second source of the same file if it holds both.',
        ),
    ),
    "seals of a table": (
        (('files = [{ path = "b.csv" }]', 'files = [{ path = "b.csv" }]\nseals = "required"'),),
        (
            'sources[1].seals: found "required", expected no `seals` where the layout\'s format is not `scans`. Only `escruta scan` checks seals; leave `seals` away, so that nobody takes these for checked.',
        ),
    ),
    "qr without options": (
        (
            (
                'options = [{ id = "red", name = "Red", candidate = "ana" }, { id = "rose", name = "Rose", candidate = "ana" }, { id = "blue", name = "Blue", candidate = "ben" }]\n',
                "",
            ),
            ('votes = { red = "R1", rose = "R2", ben = "B1" }', 'qr = "Q"'),
        ),
        (
            'sources[1].layout.qr: found "Q", expected a contest with ballot options. List the contest\'s `options` in ballot order; the payload gives their votes in that order.',
        ),
    ),
    "column twice": (
        (('votes = { ana = "A", ben = "B" }', 'votes = { ana = "A", ben = "V" }'),),
        (
            'sources[0].layout.votes.ben: found "V", expected a column of its own. `valid` has the same column; one of the two is wrong.',
        ),
    ),
    "candidate unknown": (
        (('votes = { ana = "A", ben = "B" }', 'votes = { ana = "A", bem = "B" }'),),
        (
            "sources[0].layout.votes.bem: found a key `bem`, expected a known candidate or option: `ana`, `ben`, `red`, `rose`, `blue`. Did you mean `ben`?",
            "sources[0].layout.votes.ben: found nothing, expected a column. Name its column; a candidate without one would never be read.",
        ),
    ),
    "candidate without column": (
        (('votes = { ana = "A", ben = "B" }', 'votes = { ana = "A" }'),),
        (
            "sources[0].layout.votes.ben: found nothing, expected a column. Name its column; a candidate without one would never be read.",
        ),
    ),
    "option without column": (
        (('red = "R1", rose = "R2"', 'red = "R1"'),),
        (
            "sources[1].layout.votes.ana: found nothing, expected a column for each of its options, also `rose`. Add the missing columns.",
        ),
    ),
    "candidate counted twice": (
        (('red = "R1", rose = "R2"', 'red = "R1", rose = "R2", ana = "A"'),),
        (
            'sources[1].layout.votes.ana: found "A", expected a candidate\'s votes once. Its votes would be counted twice: keep its own column, or the columns of `red`, `rose`.',
        ),
    ),
    "long": (
        (
            (
                'votes = { red = "R1", rose = "R2", ben = "B1" }',
                'long = { item = "I", votes = "I", items = { "Ana P." = "ana", "Total" = "valdi" }, ignore = ["Total"] }',
            ),
        ),
        (
            'sources[1].layout.long.items.Total: found "valdi", expected a known candidate, option or figure: `ana`, `ben`, `red`, `rose`, `blue`, `registered_voters`, `valid`, `null`, `spoilt`. Did you mean `valid`?',
            'sources[1].layout.long.ignore[0]: found "Total", expected an item that is not in `items`. Keep it in `items` or in `ignore`, not in both.',
            'sources[1].layout.long.votes: found "I", expected another column than `item`. Name the column with the counts.',
            'sources[1].layout.long.items: found none, expected an item for `ben`. Add `"TEXT IN THE ITEM COLUMN" = "ben"`.',
        ),
    ),
    "announcement of unknown candidate": (
        (("votes = { ana = 10 }", "votes = { anna = 10 }"),),
        (
            "announcements[0].votes.anna: found a key `anna`, expected a known candidate: `ana`, `ben`. Did you mean `ana`?",
        ),
    ),
    "announcement counts one twice": (
        (('candidates = ["ben"]', 'candidates = ["ben", "ana"]'),),
        (
            'announcements[0].others.candidates[1]: found "ana", expected each candidate once. Leave `ana` either in `votes` or in `others`, once.',
        ),
    ),
    "announcement parts exceed valid": (
        (("valid = 15", "valid = 14"),),
        (
            "announcements[0].valid: found 14, expected at least 15, the sum of its parts. Compare each number with the announcement; if that is what was announced, leave `valid` out.",
        ),
    ),
    "check code": (
        (("S202 =", "turnout ="),),
        (
            "checks.turnout: found a key `turnout`, expected the code of a check: a capital letter and three digits, such as `S201`. Look the code up in the reference of checks.",
        ),
    ),
    "check limit": (
        (("limit = 0.99", "limit = nan"),),
        (
            'checks.S202.limit: found NaN, expected a number, zero or more. Write the limit that the check may reach; `severity = "off"` switches it off.',
        ),
    ),
}
