"""Names are printed as they are, in any writing, or refused with a reason; none of them is ever a command."""

import pickle
import re

import pytest
from tests.conftest import REPOSITORY
from tests.unit.sheets.printing.print_samples import (
    definition,
    example,
    printer,
    raster,
    sheet_to_print,
    text_in,
    whole_text,
)

from escruta.base.errors import InputError
from escruta.sheets.printing import (
    FontShelf,
    GlyphsMissing,
    Place,
    SheetForm,
    SheetPrinter,
    TextUnprintable,
    WordsMissing,
    ZoneKind,
    parse_words,
    sheet_languages,
    sheet_words,
)
from escruta.sheets.printing.coverage import characters_of
from escruta.sheets.printing.fonts import own_fonts
from escruta.sheets.seal import SheetKind

_COMMANDS = (
    '#panic("no")',
    '#import "@preview/x:1": *',
    "$x^2$ *bold* _it_ `raw` <label> @ref",
    "= Heading // comment /* more",
    '"); #read("/etc/passwd")',
    "\\u{41} [x] {y} ~ -- --- ...",
    "{{7*7}} {candidate} {copies}",
)


@pytest.mark.parametrize("name", _COMMANDS)
def test_a_name_that_looks_like_a_command_is_printed_as_it_is(name):
    election = definition([name, "Ben"], options=[(name, 0), ("X", 0), ("Y", 1)], name=name)
    sheet = sheet_to_print(election, places=(Place(level="state", code="1", name=name),), recipient=16)
    printed = printer(SheetForm.A4).print([sheet])
    text = "".join(whole_text(printed.pdf).split()).replace("\u200b", "")
    assert text.count("".join(name.split())) >= 4


def test_two_candidates_of_one_name_are_told_apart():
    election = definition(["Ana Díaz", "Ana  Di\u0301az", "Ben"])
    printed = printer(SheetForm.A4).print([sheet_to_print(election, recipient=17)])
    text = " ".join(whole_text(printed.pdf).split())
    assert (text.count("Ana Díaz (c0)"), text.count("Ana Díaz (c1)"), text.count("Ben (c2)")) == (1, 2, 0)


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u2028", "\u200f \u200d"])
def test_a_name_of_which_nothing_shows_is_refused(name):
    with pytest.raises(TextUnprintable, match="nothing of a text shows"):
        printer(SheetForm.STRIP).print([sheet_to_print(definition([name, "Ben"]))])


@pytest.mark.parametrize("letter", ["\u202e", "\u2066", "\x00", "\x1b", "\ue000", "\ufeff", "\U000e0041"])
def test_a_letter_that_hides_or_turns_others_is_refused_with_its_place(letter):
    with pytest.raises(TextUnprintable) as refused:
        printer(SheetForm.STRIP).print([sheet_to_print(definition([f"Ana{letter}21", "Ben"]))])
    assert f"U+{ord(letter):04X}" in str(refused.value)
    assert "c0" in str(refused.value)


def test_a_text_that_is_too_long_for_a_sheet_is_refused():
    with pytest.raises(TextUnprintable, match="too long"):
        printer(SheetForm.STRIP).print([sheet_to_print(definition(["A" * 401, "Ben"]))])


@pytest.mark.parametrize("paper", [SheetForm.STRIP_58, SheetForm.A4])
@pytest.mark.parametrize(
    "name", ["Llanfair" * 24, "W" * 90, "@(" * 60, "M\u0323\u0302\u0301a\u0323\u0301" * 12, "Wwww " * 60]
)
def test_the_longest_name_never_reaches_its_figure(paper, name):
    printed = printer(paper).print([sheet_to_print(definition([name, "Ben"]))])
    zone = printed.layouts[0].zone("votes.c0")
    assert text_in(printed.pdf, zone) == "106"
    alone = printer(paper).print([sheet_to_print(definition(["A", "Ben"]))])
    other = alone.layouts[0].zone("votes.c0")
    assert (zone.x, zone.width) == (other.x, other.width)
    assert zone.height >= other.height


def test_letters_that_no_font_has_are_named_with_what_to_do():
    with pytest.raises(GlyphsMissing) as refused:
        printer(SheetForm.STRIP).print([sheet_to_print(definition(["陳大文", "Ben"]))])
    assert refused.value.letters == "大文陳"
    assert "U+9673" in str(refused.value)
    assert "--fonts" in str(refused.value)
    assert pickle.loads(pickle.dumps(refused.value)).letters == "大文陳"  # noqa: S301 - our own bytes


def test_a_font_of_this_machine_writes_what_ours_cannot():
    shelf = FontShelf(with_system=True)
    try:
        families = shelf.families_for(["陳大文"])
    except GlyphsMissing:
        pytest.skip("no font with Chinese letters on this machine")
    assert len(families) >= 2
    printed = SheetPrinter(shelf=shelf).print([sheet_to_print(definition(["陳大文", "Ben"]))])
    assert "陳大文" in whole_text(printed.pdf)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("ar", ["فاطمة الزهراء", "محمد عبد الله (12)"]),
        ("hi", ["श्रीमती द्रौपदी कृष्णमूर्ति", "தமிழ்ச்செல்வி"]),
    ],
)
@pytest.mark.parametrize("paper", [SheetForm.STRIP, SheetForm.A4])
def test_other_writings_are_set_in_our_own_fonts_with_words_from_a_file(language, names, paper):
    path = REPOSITORY / "tests" / "vectors" / "printing" / f"{language}.toml"
    words = parse_words(path.read_text(encoding="utf-8"), language, where=path.name)
    printed = SheetPrinter(paper=paper, words=words).print([sheet_to_print(definition(names))])
    layout = printed.layouts[0]
    assert text_in(printed.pdf, layout.zone("votes.c0")) == "106"
    middle = layout.pages[0][0] / 2
    assert (layout.zone("votes.c0").x < middle) is words.is_rtl
    assert raster(printed.pdf).min() == 0


def test_families_are_the_fewest_that_have_every_letter():
    shelf = FontShelf()
    assert shelf.families_for(["Łódź, Ñandú 12"]) == ("Noto Sans",)
    assert shelf.families_for(["Ana ქართული"]) == ("Noto Sans", "Noto Sans Georgian")


def test_what_a_font_can_write_is_read_from_its_table():
    latin = characters_of(own_fonts() / "NotoSans-Regular.ttf")
    assert {ord(letter) for letter in "AzñЖΩ€"} <= latin
    assert ord("陳") not in latin
    assert ord("अ") in characters_of(own_fonts() / "NotoSansDevanagari-Bold.ttf")


_NO_FONTS = (b"", b"\0\1\0\0", b"\0\1\0\0\0\1" + b"\0" * 6 + b"cmap" + b"\xff" * 40)


@pytest.mark.parametrize("raw", _NO_FONTS)
def test_a_file_that_is_no_font_writes_nothing(tmp_path, raw):
    (tmp_path / "x.ttf").write_bytes(raw)
    assert characters_of(tmp_path / "x.ttf") == frozenset()
    assert FontShelf(folders=(tmp_path,)).families_for(["Ana"]) == ("Noto Sans",)


def test_a_collection_that_claims_more_fonts_than_it_can_hold_is_refused(tmp_path):
    (tmp_path / "x.ttc").write_bytes(b"ttcf" + b"\xff" * 40)
    with pytest.raises(InputError, match="font"):
        FontShelf(folders=(tmp_path,)).families_for(["Ana"])


@pytest.mark.parametrize("language", sheet_languages())
def test_every_language_has_the_same_words_with_the_same_places_and_prints(language):
    model, words = sheet_words("en").forms, sheet_words(language).forms
    assert list(words) == list(model)
    for key, text in words.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", model[key])), key
    for kind in SheetKind:
        sheet = sheet_to_print(example("paraguay-2023"), {"registered_voters": 300}, kind=kind)
        printed = printer(SheetForm.STRIP_58, language).print([sheet])
        assert len(printed.layouts[0].of_kind(ZoneKind.FIGURE)) == len(sheet.form.figures)


def test_a_translation_that_would_leave_the_number_of_a_copy_out_is_refused():
    lines = [f'{key} = "{text.replace("{copy}", "one")}"' for key, text in sheet_words("en").forms.items()]
    with pytest.raises(WordsMissing, match="places for values are missing") as refused:
        parse_words("\n".join(lines), "xx", where="xx.toml")
    assert refused.value.found == "no {copy} in copy, {copy} in copy_of"


def test_the_words_of_two_languages_stand_on_one_sheet_each_with_its_values():
    one, other = sheet_words("es").forms, sheet_words("en").forms
    lines = [f'{key} = "{one[key]} / {other[key]}"' for key in one if key not in {"direction", "page"}]
    lines += ['direction = "ltr"', 'page = "Página / Page {page} / {pages}"']
    words = parse_words("\n".join(lines), "es", where="both.toml")
    assert words("copy_of", copy=2, copies=5) == "Copia 2 de 5 / Copy 2 of 5"
    assert words("witness", candidate="{copy} {candidate}").count("{copy} {candidate}") == 2  # none is looked into
    election = definition()
    printed = SheetPrinter(paper=SheetForm.A4, words=words).print([sheet_to_print(election, copies=3)])
    text = whole_text(printed.pdf)
    for shown in ("Acta de escrutinio / Tally sheet", "Copia 1 de 3 / Copy 1 of 3", "Página / Page 1 / 1"):
        assert shown in text


@pytest.mark.parametrize(
    ("text", "what"),
    [("= [", "cannot be read"), ('title = "x"', "words are missing"), ("", "words are missing")],
)
def test_words_that_are_not_whole_are_refused(text, what):
    with pytest.raises(WordsMissing, match=what):
        parse_words(text, "xx", where="xx.toml")
    with pytest.raises(WordsMissing, match="no words for sheets"):
        sheet_words("xx")
