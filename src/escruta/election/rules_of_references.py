"""The rules for what a definition refers to by id: levels, candidates, origins, sources, the register."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from escruta.election.faults import Fault
from escruta.election.spots import Spot

MOST_ORIGINS = 62
"""As many as one whole number can remember which of them agree at a station."""
FIGURES = ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes")


def contest_of(root: Spot, spot: Spot) -> Spot | None:
    """Find the contest that a source or an announcement speaks of: the one it names, or else the only one."""
    contests = root.tables("contests")
    name = spot.at("contest").text
    if name is None:
        return contests[0] if len(contests) == 1 else None
    return next((contest for contest in contests if contest.at("id").text == name), None)


def contest_reference_faults(root: Spot, spot: Spot) -> Iterator[Fault]:
    """Require what speaks of a contest to name one that exists, and to name it where there are several."""
    named = spot.at("contest")
    contests = root.ids("contests")
    if named.text is not None and named.text not in contests:
        yield named.unknown(named.text, "contest", contests)
    elif not named.exists and len(contests) > 1:
        yield named.fault(f"one of {', '.join(f'`{name}`' for name in contests)}", "Say which contest it speaks of.")


def level_faults(root: Spot) -> Iterator[Fault]:
    """Require a way to tell a level's areas: from the station key, or from a column of some file."""
    widths = {part.at("part").text: part.at("width").count for part in root.at("stations").tables("key")}
    placed = {name for spot in _layouts(root) for name, _ in spot.entries("areas")}
    reached: dict[str, int] = {}
    for level in root.tables("levels"):
        slice_ = level.at("code_from")
        if not slice_.exists and (level.at("id").text or "") not in placed:
            advice = f"Name its column in a source's or the register's `layout.areas.{level.at('id').text}`, "
            advice += "or say with `code_from` where the area's code stands in the station key."
            yield slice_.fault("a way to tell the area", advice)
        yield from _slice_faults(slice_, widths, reached)


def _slice_faults(slice_: Spot, widths: Mapping[str | None, int | None], reached: dict[str, int]) -> Iterator[Fault]:
    part, first = slice_.at("part"), slice_.at("first")
    if part.text is None:
        return
    if part.text not in widths:
        yield part.unknown(part.text, "part of the station key", [name for name in widths if name])
        return
    width = widths[part.text]
    if first.count is None:
        return
    if width is not None and first.count > width:
        yield first.fault(f"at most {width}, the width of `{part.text}`", "Count the characters of the area's code.")
    if first.count <= reached.get(part.text, 0):
        advice = "List the levels from the widest to the narrowest; a narrower area has a longer code."
        yield first.fault(f"more than {reached[part.text]}, which the wider level takes", advice)
    reached[part.text] = max(first.count, reached.get(part.text, 0))


def _layouts(root: Spot) -> Iterator[Spot]:
    yield root.at("register").at("layout")
    for source in root.tables("sources"):
        yield source.at("layout")


def contest_faults(root: Spot) -> Iterator[Fault]:
    """Require options with known candidates, names that are not ambiguous, and a source that speaks of the contest."""
    for contest in root.tables("contests"):
        yield from _option_faults(contest)
        yield from _further_figure_faults(contest)
        yield from _figure_name_faults(contest)
        counts: set[str] = set()
        for figure in contest.texts("figures"):
            if figure.text in counts:
                yield figure.fault("each figure once", "Remove the second one.")
            counts.add(str(figure.text))
        sources = root.tables("sources")
        if sources and not any(contest_of(root, source) == contest for source in sources):
            named = any(contest_of(root, source) is None for source in sources)
            if not named:
                yield contest.at("id").fault("a source that speaks of it", "Add a source, or remove the contest.")


def _option_faults(contest: Spot) -> Iterator[Fault]:
    candidates = contest.ids("candidates")
    options = contest.tables("options")
    carried = [option.at("candidate").text for option in options]
    for option in options:
        candidate, name = option.at("candidate"), option.at("id")
        if candidate.text is not None and candidate.text not in candidates:
            yield candidate.unknown(candidate.text, "candidate", candidates)
        is_the_only_one = name.text == candidate.text and carried.count(candidate.text) == 1
        if name.text in candidates and not is_the_only_one:
            advice = f"Rename the option, for example `{name.text}-list`; a layout could not tell the two apart."
            yield name.fault("an id that no candidate has", advice)
    for candidate in contest.tables("candidates") if options else ():
        name = candidate.at("id")
        if name.text is not None and name.text not in carried:
            yield name.fault("at least one ballot option that carries it", "Add its option to `options`.")


def _figure_name_faults(contest: Spot) -> Iterator[Fault]:
    """Require candidates and options that no layout, and no reader of a table, could take for a figure."""
    figures = {*FIGURES, *contest.ids("further_figures")}
    for key in ("candidates", "options"):
        for each in contest.tables(key):
            name = each.at("id")
            if name.text in figures:
                advice = f"Rename it, for example `{name.text}-list`; a layout could not tell it from the figure."
                yield name.fault("an id that no figure has", advice)


def _further_figure_faults(contest: Spot) -> Iterator[Fault]:
    for figure in contest.tables("further_figures"):
        name = figure.at("id")
        if name.text in FIGURES:
            advice = f"Name `{name.text}` in `figures` instead; it has a meaning of its own."
            yield name.fault("a name that is not a figure's own", advice)


def origin_faults(root: Spot) -> Iterator[Fault]:
    """Require origins to derive in one direction, and to be adverse only to those that they do not derive from."""
    if len(root.tables("origins")) > MOST_ORIGINS:
        advice = "Copies that left the polling stations by one path have one origin, whoever collected or typed them."
        found = f"{len(root.tables('origins'))} origins"
        yield root.at("origins").fault(f"at most {MOST_ORIGINS}", advice, found=found)
    known = root.ids("origins")
    derived = links(root, "origins", "derived_from")
    for origin in root.tables("origins"):
        name = origin.at("id").text
        for other in (*origin.texts("derived_from"), *origin.texts("adverse_to")):
            if other.text not in known:
                yield other.unknown(str(other.text), "origin", [word for word in known if word != name])
        yield from _adversity_faults(origin, derived)
    yield from _cycle_faults(root, "origins", "derived_from", "Two origins cannot each be made from the other.")


def _adversity_faults(origin: Spot, derived: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    name = origin.at("id").text or ""
    for other in origin.texts("adverse_to"):
        if other.text == name:
            yield other.fault("another origin", "An origin is not adverse to itself; remove it.")
        elif other.text in reachable(derived, name) or name in reachable(derived, other.text or ""):
            advice = (
                "One derives from the other, so their agreement shows nothing; remove it here or in `derived_from`."
            )
            yield other.fault("an origin that is independent of this one", advice)


def source_faults(root: Spot) -> Iterator[Fault]:
    """Require a source's origin and contest to be known; it replaces earlier sources of the same contest only."""
    contests = {source.at("id").text: contest_of(root, source) for source in root.tables("sources")}
    for source in root.tables("sources"):
        origin = source.at("origin")
        if origin.text is not None and origin.text not in root.ids("origins"):
            yield origin.unknown(origin.text, "origin", root.ids("origins"))
        yield from contest_reference_faults(root, source)
        for other in source.texts("supersedes"):
            if other.text not in contests:
                yield other.unknown(str(other.text), "source", root.ids("sources"))
            elif contests[other.text] != contest_of(root, source):
                yield other.fault("a source of the same contest", "A source replaces only readings of its own contest.")
        yield from path_faults(source)
    yield from _cycle_faults(root, "sources", "supersedes", "Keep it only in the later source.")


def register_faults(root: Spot) -> Iterator[Fault]:
    """Require the register to be a source's files, or files of its own with a layout."""
    register = root.at("register")
    if not isinstance(register.value, dict):
        return
    source, files, layout = register.at("source"), register.at("files"), register.at("layout")
    own = bool(files.value) or layout.exists
    if source.text is not None and source.text not in root.ids("sources"):
        yield source.unknown(source.text, "source", root.ids("sources"))
    if source.exists and own:
        advice = "Keep `source`, or else `files` and `layout`; not both."
        yield source.fault("one way to read the register", advice)
    if not source.exists and not own:
        yield source.fault("a source, or files with a layout", "Name a source that lists the stations.")
    if not source.exists and own and not (files.value and layout.exists):
        missing = layout if files.value else files
        yield missing.fault("both `files` and `layout`", "A register of its own needs its files and their layout.")
    yield from path_faults(register)


def path_faults(owner: Spot) -> Iterator[Fault]:
    """Require paths inside the data folder: the definition then works on every machine and opens nothing else."""
    for file in owner.tables("files"):
        path = file.at("path")
        if path.text is None:
            continue
        pure = PurePosixPath(path.text)
        if pure.is_absolute() or ".." in pure.parts or "\\" in path.text or path.text[1:2] == ":":
            advice = "Write it relative to the data folder, with `/`, and name that folder with `--data`."
            yield path.fault("a path inside the data folder", advice)


def links(root: Spot, key: str, link: str) -> Mapping[str, tuple[str, ...]]:
    """Map each id of a list to the ids that it names under a key."""
    return {spot.at("id").text or "": tuple(str(other.text) for other in spot.texts(link)) for spot in root.tables(key)}


def reachable(graph: Mapping[str, tuple[str, ...]], start: str) -> frozenset[str]:
    """Collect all that can be reached from a start, in one step or more.

    >>> sorted(reachable({"c": ("b",), "b": ("a",)}, "c"))
    ['a', 'b']
    """
    seen: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(graph.get(name, ()))
    return frozenset(seen)


def _cycle_faults(root: Spot, key: str, link: str, advice: str) -> Iterator[Fault]:
    graph = links(root, key, link)
    for spot in root.tables(key):
        name = spot.at("id").text or ""
        if name in reachable(graph, name):
            yield spot.at(link).fault("no way back to itself", advice)
