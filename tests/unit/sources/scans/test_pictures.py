"""Any file may come in: what is a picture is opened the right way up, what is not is refused with its reason."""

import io
import pickle
import struct
import tracemalloc
import zipfile
import zlib

import pytest

cv2 = pytest.importorskip("cv2", reason="needs the extra scan")

import numpy as np  # noqa: E402
from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from PIL import Image  # noqa: E402

from escruta.base.errors import FileUnreadable  # noqa: E402
from escruta.sources.scans.opening.pdf import pdf_pages  # noqa: E402
from escruta.sources.scans.pictures import (  # noqa: E402
    PictureKind,
    PictureLimits,
    PictureRefused,
    each_picture,
    open_pictures,
    picture_of,
)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

HEIGHT, WIDTH = 96, 64


def image(colour=(250, 250, 250)):
    """A page whose top left corner is black, so that one sees which way up it is."""
    drawn = Image.new("RGB", (WIDTH, HEIGHT), colour)
    drawn.paste((0, 0, 0), (0, 0, 24, 24))
    return drawn


def encoded(kind, pages=1, **options):
    out = io.BytesIO()
    if kind == "HEIF":
        pillow_heif = pytest.importorskip("pillow_heif")
        pillow_heif.from_pillow(image()).save(out, **options)
    else:
        more = {"save_all": True, "append_images": [image()] * (pages - 1)} if pages > 1 else {}
        image().save(out, kind, **more, **options)
    return out.getvalue()


def refused(content, limits=None):
    with pytest.raises(PictureRefused) as caught:
        decode(content, limits or PictureLimits())
    return caught.value.what


def decode(content, limits=None):
    return [picture.grey for picture in open_pictures(content, limits or PictureLimits())]


def png(width, height, rows=b"", more=b""):
    """A PNG whose header claims what it likes."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF"])
def test_a_picture_is_known_by_its_bytes_and_opened(kind, tmp_path):
    path = tmp_path / "misleading.pdf"
    path.write_bytes(encoded(kind))
    (picture,) = open_pictures(path)
    assert picture.kind == (PictureKind.HEIC if kind == "HEIF" else PictureKind[kind])
    assert picture.grey.shape == (HEIGHT, WIDTH) == (picture.height, picture.width)
    assert picture.colour.shape == (HEIGHT, WIDTH, 3)
    assert picture.half.shape == (HEIGHT // 2, WIDTH // 2)
    assert picture.grey[:20, :20].max() < 40
    assert picture.grey[30:, 30:].min() > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(("orientation", "corner"), [(3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
def test_a_turned_picture_is_set_upright(kind, orientation, corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    (picture,) = open_pictures(encoded(kind, exif=exif))
    assert (picture.height, picture.width) == ((HEIGHT, WIDTH) if orientation == 3 else (WIDTH, HEIGHT))
    dark = picture.grey[slice(0, 20) if corner[0] == 0 else slice(-20, None)]
    assert dark[:, slice(0, 20) if corner[1] == 0 else slice(-20, None)].max() < 40


def test_each_page_of_a_tiff_is_a_picture():
    pictures = open_pictures(encoded("TIFF", pages=3))
    assert [picture.page for picture in pictures] == [1, 2, 3]
    assert len({picture.digest for picture in pictures}) == 1
    assert refused(encoded("TIFF", pages=3), PictureLimits(pages=2)) == "the file has too many pages"
    few = PictureLimits(all_pixels=2 * WIDTH * HEIGHT)
    assert refused(encoded("TIFF", pages=3), few) == "the pages ask for too much work"


def test_each_page_of_a_pdf_is_a_picture():
    pytest.importorskip("pypdfium2")
    pictures = open_pictures(encoded("PDF", pages=2))
    assert [picture.page for picture in pictures] == [1, 2]
    assert all(picture.grey[:10, :10].max() < 40 for picture in pictures)
    assert pictures[1].colour.shape == (*pictures[1].grey.shape, 3)
    assert refused(encoded("PDF", pages=2), PictureLimits(pages=1)) == "the file has too many pages"


def test_one_page_of_a_pdf_is_drawn_without_the_others():
    pytest.importorskip("pypdfium2")
    made = encoded("PDF", pages=3)
    second = open_pictures(made)[1]
    (alone,) = each_picture(made, only=2)
    assert (alone.page, alone.digest) == (2, second.digest)
    assert np.array_equal(alone.grey, second.grey)
    assert np.array_equal(alone.colour, second.colour)
    assert [*each_picture(made, only=4)] == []


def test_pages_of_a_pdf_wait_until_they_are_asked_for(monkeypatch):
    """They are not all in memory at once, and the time that somebody spends on one of them is not the program's."""
    pytest.importorskip("pypdfium2")
    monkeypatch.setattr("escruta.sources.scans.opening.pdf._WALL_FACTOR", 1)
    made = encoded("PDF", pages=12)
    size = open_pictures(made)[0].grey.size
    tracemalloc.start()
    pages = pdf_pages(made, PictureLimits(pdf_seconds=20), "many")
    first = next(pages)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert first.size == size
    assert held < 4 * size
    pages.close()


def test_a_program_that_draws_nothing_is_ended(monkeypatch, tmp_path):
    pytest.importorskip("pypdfium2")
    (tmp_path / "child.py").write_text("import time; time.sleep(600)", encoding="utf-8")
    monkeypatch.setattr("escruta.sources.scans.opening.pdf._CHILD", tmp_path / "child.py")
    monkeypatch.setattr("escruta.sources.scans.opening.pdf._WALL_FACTOR", 0.2)
    assert refused(encoded("PDF", pages=1), PictureLimits(pdf_seconds=1)) == "the pages ask for too much work"


def test_a_pdf_that_takes_too_long_is_stopped():
    pytest.importorskip("pypdfium2")
    form = b"q " + b"0 0 m 200 200 l S " * 2_000_000
    body = zlib.compress(form)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(body), body),
    ]
    content = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, part) for n, part in enumerate(parts, 1))
    content += b"trailer<</Root 1 0 R>>\n%%EOF\n"
    assert refused(content, PictureLimits(pdf_seconds=1)) == "the pages ask for too much work"


def test_no_pdf_makes_the_program_fail():
    pytest.importorskip("pypdfium2")
    assert refused(b"%PDF-1.7\n" + bytes(range(256)) * 4) == "the PDF cannot be drawn"


def test_a_bomb_is_refused_by_its_header():
    limits = PictureLimits(pixels=1_000_000)
    assert refused(png(30_000, 30_000, bytes(4000))) in ("the picture has too many pixels", "the picture is too long")
    assert refused(png(2000, 2000, bytes(4000)), limits) == "the picture has too many pixels"
    assert refused(png(1, 100_000, bytes(200_000))) == "the picture is too small"
    assert refused(png(40, 100_000, bytes(200_000))) == "the picture is too long"
    assert refused(png(100, 4_100, bytes(101 * 4_100))) == "the picture is too long"
    text = b"iTXtkey\0\1\0\0\0" + zlib.compress(bytes(100_000_000), 1)
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    try:
        (opened,) = open_pictures(png(64, 64, bytes(65 * 64), chunk))
        assert opened.grey.shape == (64, 64)
    except PictureRefused as error:
        assert error.what == "the picture is damaged"  # noqa: PT017 - both outcomes are lawful


def test_a_progressive_picture_may_not_ask_for_endless_passes():
    content = encoded("JPEG", progressive=True)
    assert open_pictures(content)[0].grey.shape == (HEIGHT, WIDTH)
    scan = content.index(b"\xff\xda")
    many = content[:scan] + content[scan:-2] * 40 + content[-2:]
    assert refused(many) == "the picture asks for too much work"


def test_a_file_of_two_kinds_is_refused():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inside:
        inside.writestr("other.jpg", b"x" * 100)
    assert refused(encoded("JPEG") + archive.getvalue()) == "the file is two kinds at once"
    comment = encoded("JPEG")[:2] + b"\xff\xfe\x00\x0a%PDF-1.4" + encoded("JPEG")[2:]
    assert refused(comment) == "the file is two kinds at once"


@pytest.mark.parametrize(
    "content", [b"GIF89a" + bytes(40), b"<svg xmlns=''/>", b"BM" + bytes(80), b"PK\x03\x04", b"\0" * 400, b"hello"]
)
def test_other_kinds_are_refused(content):
    assert refused(content) == "the file is no kind of picture that we read"


def test_an_animation_is_refused():
    assert refused(encoded("WEBP", pages=1, save_all=True, append_images=[image((9, 9, 9))])).startswith(
        "the file is a mov"
    )
    assert refused(encoded("PNG", save_all=True, append_images=[image((9, 9, 9))])).startswith("the file is a moving")


def test_no_file_an_empty_one_and_a_large_one_are_told_apart(tmp_path):
    with pytest.raises(FileUnreadable, match="cannot be read"):
        open_pictures(tmp_path / "not-there.jpg")
    with pytest.raises(FileUnreadable, match="empty"):
        open_pictures(b"")
    assert refused(encoded("PNG"), PictureLimits(file_bytes=20)) == "the file is too large"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF"])
@given(share=st.floats(0.001, 0.97))
def test_a_picture_that_is_cut_off_is_refused(kind, share):
    content = encoded(kind)
    assert refused(content[: max(1, int(len(content) * share))])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=8))
def test_damage_is_refused_or_decoded_but_never_a_crash(kind, changes):
    content = bytearray(encoded(kind))
    for at, value in changes:
        content[at % len(content)] = value
    try:
        for picture in open_pictures(bytes(content)):
            assert picture.grey.shape == (picture.height, picture.width)
    except PictureRefused as error:
        assert error.what  # noqa: PT017 - both outcomes are lawful, a crash is not


def test_metadata_say_what_the_camera_says_and_nothing_of_people_or_places():
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Maker", "Model\x00\x1b[2J", "Program"
    exif[0x013B], exif[0x010E] = "Somebody's name", "a description"
    exif.get_ifd(0x8769)[0x9003] = "2024:07:28 19:02:11"
    exif.get_ifd(0x8769)[0x9011] = "-04:00"
    exif.get_ifd(0x8825)[2] = (10.0, 30.0, 0.0)
    (picture,) = open_pictures(encoded("JPEG", exif=exif))
    facts = picture.facts
    assert (facts.make, facts.model, facts.software) == ("Maker", "Model[2J", "Program")
    assert facts.taken == "2024-07-28T19:02:11-04:00"
    assert facts.has_position
    assert "Somebody" not in repr(picture)
    assert "10.0" not in repr(facts)
    assert not facts.says_nothing
    assert open_pictures(encoded("JPEG"))[0].facts.says_nothing


def test_see_through_paper_is_white():
    glass = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    out = io.BytesIO()
    glass.save(out, "PNG")
    (picture,) = open_pictures(out.getvalue())
    assert picture.grey.min() == 255


def test_sixteen_bits_a_pixel_are_brought_down():
    deep = np.full((HEIGHT, WIDTH), 60_000, np.uint16)
    deep[:20, :20] = 100
    out = io.BytesIO()
    Image.fromarray(deep).save(out, "TIFF")
    (picture,) = open_pictures(out.getvalue())
    assert picture.grey[:20, :20].max() < 10
    assert picture.grey[30:, 30:].min() > 200


def test_a_picture_of_pixels_and_one_that_crossed_a_process_are_the_same():
    pixels = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)
    assert picture_of(pixels).grey is pixels
    (picture,) = open_pictures(encoded("JPEG"))
    assert (pickle.loads(pickle.dumps(picture)).grey == picture.grey).all()  # noqa: S301 - our own bytes
