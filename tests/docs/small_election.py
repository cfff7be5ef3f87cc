"""A small election in which nearly everything occurs: what the tests of the pages about the record are held against."""

from pathlib import Path

DEFINITION = """
format = "escruta/election/v1"
id = "small"
name = "A small election"
date = 2025-05-04
map = { file = { path = "map.geojson" } }

[stations]
key = [{ part = "table", kind = "number" }]

[[levels]]
id = "district"
name = "District"

[register]
files = [{ path = "register.csv" }]
complete = true

[register.layout]
station = { table = "table" }
areas = { district = "district" }
figures = { registered_voters = "voters" }

[[contests]]
id = "mayor"
name = "Mayor"
figures = ["ballots", "valid", "null", "blank"]
further_figures = [{ id = "unused", name = "Unused ballots" }]
candidates = [
  { id = "ana", name = "Ana", party = "A" },
  { id = "ben", name = "Ben", colour = "#336699" },
  { id = "eva", name = "Eva" },
]
options = [
  { id = "ana-red", name = "Red", candidate = "ana" },
  { id = "ana-blue", name = "Blue", candidate = "ana" },
  { id = "ben", name = "Ben", candidate = "ben" },
  { id = "eva", name = "Eva", candidate = "eva" },
]

[[origins]]
id = "feed"
name = "Transmission"
owner = "authority"

[[origins]]
id = "witnesses"
name = "Witness copies"
owner = "party"
adverse_to = ["feed"]

[[sources]]
id = "authority"
name = "Authority"
kind = "authority"
origin = "feed"
files = [{ path = "authority.csv", published_at = "a citation" }]

[sources.layout]
station = { table = "table" }
figures = { ballots = "ballots", valid = "valid", null = "null", blank = "blank", unused = "unused" }
votes = { ana-red = "red", ana-blue = "blue", ben = "ben", eva = "eva" }
illegible = ["?"]
arrived = "at"

[[sources]]
id = "party"
name = "Party"
kind = "party"
origin = "witnesses"
method = "typed"
redacted = "redacted"
files = [{ path = "party.csv" }]

[sources.layout]
station = { table = "table" }
votes = { ana = "ana", ben = "ben", eva = "eva" }
picture = "picture"

[[announcements]]
id = "night"
name = "On the night"
by = "authority"
at = 2025-05-04T22:00:00Z
votes = { ana = 110 }
others = { votes = 90, candidates = ["ben", "eva"] }
stations = 5
valid = 200
null = 3
coverage_text = "all"
"""

FILES = {
    "register.csv": (
        "table,district,voters\n1,North,100\n2,North,100\n3,South,100\n4,South,100\n5,South,100\n6,South,60\n"
    ),
    "authority.csv": (
        "table,red,blue,ben,eva,ballots,valid,null,blank,unused,at\n"
        "1,20,10,15,5,52,50,1,1,48,2025-05-04 21:10\n"
        "2,15,15,20,0,50,50,0,0,50,2025-05-04 21:12\n"
        "3,30,5,?,1,60,59,1,0,40,2025-05-04 21:30\n"
        "4,10,10,10,5,35,36,0,0,65,\n"
        "5,7,7,7,1,22,22,0,0,78,2025-05-04 22:05\n"
    ),
    "party.csv": (
        "table,ana,ben,eva,picture\n"
        f"1,30,15,5,sha256:{'1' * 64}\n"
        "2,30,21,0,pictures/2.jpg\n"
        "5,14,7,1,pictures/5.jpg\n"
        "5,14,8,1,pictures/5.jpg\n"
    ),
    "map.geojson": (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "North"}, "geometry": '
        '{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}}]}\n'
    ),
}
REDACTED = b"\xff\xd8\xff\xe0 all but the figures is painted over"


def write_small_election(folder: Path) -> Path:
    """Write the definition and its files into a folder."""
    (folder / "election.toml").write_text(DEFINITION, encoding="utf-8")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "redacted").mkdir()
    (folder / "redacted" / f"{'1' * 64}.jpg").write_bytes(REDACTED)
    return folder
