"""Pictures on disk: whole or not at all, under names that nobody guesses; and what is made of an upload."""

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy.exc import OperationalError

from app.core.errors import CoachProError
from app.services.picture_store import PICTURES_URL, PictureStore, is_picture_name
from app.services.prepare_picture import prepare_picture
from app.services.replace_picture import kept_picture

ORIENTATION, GPS = 0x0112, 0x8825
RED, BLUE = (200, 30, 30), (20, 40, 180)


@pytest.fixture
def store(tmp_path: Path) -> PictureStore:
    return PictureStore(tmp_path / "pictures")


def files(store: PictureStore) -> list[Path]:
    return [path for path in store.directory.rglob("*") if path.is_file()]


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it has this size, and has no pixels."""
    chunks = {b"IHDR": struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0), b"IDAT": b"", b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks.items()
    )


def halves(*, size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image


def prepared(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(prepare_picture(content)))
    assert image.format == "WEBP"
    return image


def alike(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(got - wanted) < 25 for got, wanted in zip(pixel[:3], colour, strict=True))


def test_what_is_kept_lies_there_under_its_url_until_it_is_deleted(store: PictureStore) -> None:
    url = store.keep(b"picture")
    folder, _, name = url.rpartition("/")
    assert (folder, is_picture_name(name)) == (PICTURES_URL, True)
    assert files(store) == [store.directory / name]
    assert (store.directory / name).read_bytes() == b"picture"
    assert store.keep(b"picture") != url
    store.delete(url)
    store.delete(url)
    assert len(files(store)) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://elsewhere.example/static/pictures/" + "0" * 32 + ".webp",
        f"{PICTURES_URL}/../victim",
        f"{PICTURES_URL}/victim",
        "/etc/passwd",
    ],
)
def test_only_urls_of_the_store_are_deleted(store: PictureStore, url: str) -> None:
    (store.directory / "victim").touch()
    (store.directory.parent / "victim").touch()
    (store.directory / f"{'0' * 32}.webp").touch()
    store.delete(url)
    assert len(files(store)) == 2
    assert (store.directory.parent / "victim").exists()


def test_a_picture_that_cannot_be_written_leaves_nothing(store: PictureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        store.keep(b"picture")
    assert files(store) == []


def test_only_what_a_killed_server_left_long_ago_is_swept(store: PictureStore) -> None:
    incoming = store.directory / ".incoming"
    old, new = incoming / "old", incoming / "new"
    for path in (old, new):
        path.touch()
    os.utime(old, (0, 0))
    kept = store.keep(b"picture")
    os.utime(store.directory / kept.rpartition("/")[2], (0, 0))
    assert store.sweep_incoming() == 1
    assert (old.exists(), new.exists(), len(files(store))) == (False, True, 2)


class BrokenConnection(OperationalError):
    def __init__(self, *, invalidated: bool) -> None:
        super().__init__("COMMIT", None, Exception("gone"), connection_invalidated=invalidated)


# Whether the file stays when the transaction ends so.
ENDS = [
    (None, 1),
    (ValueError(), 0),
    (BrokenConnection(invalidated=False), 0),  # a deadlock: rolled back for sure
    (BrokenConnection(invalidated=True), 1),  # the commit may have arrived
]


@pytest.mark.parametrize(("error", "left"), ENDS)
def test_a_picture_stays_only_if_its_row_may_have_been_committed(
    store: PictureStore, error: Exception | None, left: int
) -> None:
    def write() -> None:
        with kept_picture(store, b"picture"):
            assert len(files(store)) == 1
            if error is not None:
                raise error

    if error is None:
        write()
    else:
        with pytest.raises(type(error)):
            write()
    assert len(files(store)) == left


# Kind, mode, size before, size after.
KINDS = [
    ("PNG", "RGB", (60, 40), (60, 40)),
    ("JPEG", "RGB", (60, 40), (60, 40)),
    ("WEBP", "RGB", (60, 40), (60, 40)),
    ("PNG", "P", (60, 40), (60, 40)),
    ("PNG", "1", (60, 40), (60, 40)),
    ("PNG", "LA", (60, 40), (60, 40)),
    ("JPEG", "L", (60, 40), (60, 40)),
    ("JPEG", "CMYK", (60, 40), (60, 40)),
    ("JPEG", "RGB", (3000, 1500), (1024, 512)),
    ("PNG", "RGB", (500, 2048), (250, 1024)),
    ("PNG", "RGB", (5000, 1), (1024, 1)),
]


@pytest.mark.parametrize(("kind", "mode", "before", "after"), KINDS)
def test_every_kind_becomes_a_small_webp(kind: str, mode: str, before: tuple[int, int], after: tuple[int, int]) -> None:
    image = prepared(encode(halves(size=before).convert(mode), kind))
    assert image.size == after
    if mode in {"RGB", "P", "CMYK"}:
        assert alike(image.getpixel((after[0] // 8, 0)), RED)
        assert alike(image.getpixel((after[0] * 7 // 8, 0)), BLUE)


def test_transparency_stays() -> None:
    logo = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    logo.paste((*RED, 255), (10, 10, 30, 30))
    image = prepared(encode(logo))
    assert image.mode == "RGBA"
    assert image.getchannel("A").getpixel((0, 0)) == 0
    assert image.getchannel("A").getpixel((20, 20)) == 255


def test_sixteen_bits_of_grey_are_not_cut_off() -> None:
    image = prepared(encode(Image.new("I;16", (8, 8), 0x8000)))
    assert alike(image.getpixel((4, 4)), (128, 128, 128))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_turned_upright_and_tells_no_place(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by a quarter clockwise
    exif[GPS] = {1: "N", 2: (47.0, 22.0, 30.0)}
    sent = encode(halves(), kind, exif=exif)
    assert b"Exif" in sent or b"eXIf" in sent or b"EXIF" in sent
    image = prepared(sent)
    assert image.size == (40, 60)
    assert alike(image.getpixel((20, 5)), RED)
    assert alike(image.getpixel((20, 55)), BLUE)
    assert dict(image.getexif()) == {}


def test_profile_and_xmp_are_dropped() -> None:
    sent = encode(halves(), "WEBP", icc_profile=b"profile" * 10, xmp=b"<x:xmpmeta>secret place</x:xmpmeta>")
    kept = prepare_picture(sent)
    assert b"profile" in sent
    assert b"secret" in sent
    assert b"profile" not in kept
    assert b"secret" not in kept


REFUSED = {
    "nothing": (b"", 415, "picture_unreadable"),
    "text": (b"not a picture", 415, "picture_unreadable"),
    "a drawing with a script": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", 415, "picture_unreadable"),
    "another kind": (encode(halves(), "GIF"), 415, "picture_unreadable"),
    "only the beginning": (encode(Image.effect_noise((80, 80), 90), "JPEG")[:900], 415, "picture_unreadable"),
    "the head of a PNG": (encode(halves())[:20], 415, "picture_unreadable"),
    "no pixels": (png_of(8000, 5000), 415, "picture_unreadable"),
    "too many bytes": (encode(halves()) + bytes(5 * 1024 * 1024), 413, "picture_too_large"),
    "a bomb": (png_of(8000, 5001), 422, "picture_too_many_pixels"),
    "a large bomb": (png_of(15000, 7000), 422, "picture_too_many_pixels"),  # Pillow warns
    "an enormous bomb": (png_of(20000, 10000), 422, "picture_too_many_pixels"),  # Pillow refuses
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_sound_picture_is_refused(case: str) -> None:
    content, status, code = REFUSED[case]
    with pytest.raises(CoachProError) as refusal:
        prepare_picture(content)
    assert (refusal.value.status, refusal.value.code) == (status, code)
