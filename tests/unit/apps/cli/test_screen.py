"""What a terminal shows of texts that come from data."""

from escruta.apps.cli.screen import show_table


def test_a_table_shows_names_as_they_are_and_never_as_markup_or_commands(capsys):
    show_table("Of [red]two[/red]", ("name [x]", "votes"), [("Ana [bold] [/] Díaz", 1234), ("a\x1b[2Jb\u202e", None)])
    shown = capsys.readouterr().out
    assert "Of [red]two[/red]" in shown
    assert "name [x]" in shown
    assert "Ana [bold] [/] Díaz" in shown
    assert "1,234" in shown
    assert r"a\x1b[2Jb\u202e" in shown
    assert "\x1b" not in shown
