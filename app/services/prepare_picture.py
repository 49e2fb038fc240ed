"""Turn an uploaded picture into the one that is kept: small, upright, and without a word about where it was taken."""

import io
import struct
import zlib

from PIL import Image, ImageOps

from app.core.errors import PayloadTooLarge, Unprocessable, UnsupportedMedia

MAX_PICTURE_BYTES = 5 * 1024 * 1024
_MAX_PIXELS = 40_000_000
_SIDE_PX = 1024
_QUALITY = 85
_KINDS = ("PNG", "JPEG", "WEBP")

# What Pillow's decoders raise on broken files; its own error is an OSError.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    EOFError,
    struct.error,
    zlib.error,
)


def prepare_picture(content: bytes) -> bytes:
    """The picture as WebP, at most 1024 px wide and high. Judged by content, whatever the client calls it.

    Raises:
        PayloadTooLarge: over 5 MB.
        UnsupportedMedia: neither PNG nor JPEG nor WebP, or broken.
        Unprocessable: more pixels than a server should unpack for one client.
    """
    if len(content) > MAX_PICTURE_BYTES:
        raise PayloadTooLarge(
            f"The picture is over the limit of {MAX_PICTURE_BYTES // (1024 * 1024)} MB.", code="picture_too_large"
        )
    try:
        with _open(content) as image:
            return _encode(_upright(_shrink(image)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except _BROKEN:
        raise UnsupportedMedia(
            "The file is not a sound picture: send a PNG, a JPEG or a WebP.", code="picture_unreadable"
        ) from None


def _open(content: bytes) -> Image.Image:
    """Only the header is read here: the size is known before a pixel is unpacked."""
    image: Image.Image = Image.open(io.BytesIO(content), formats=_KINDS)
    if image.width * image.height > _MAX_PIXELS:
        raise _too_many_pixels()
    return image


def _shrink(image: Image.Image) -> Image.Image:
    image.draft("RGB", (_SIDE_PX, _SIDE_PX))  # a JPEG is unpacked at a fraction of its size
    if image.mode.startswith("I"):
        image = image.point(lambda level: level / 256)  # 16 bits of grey; converting alone would cut them off
    mode = "RGBA" if image.has_transparency_data else "RGB"
    if image.mode != mode:
        image = image.convert(mode)
    image.thumbnail((_SIDE_PX, _SIDE_PX), reducing_gap=2.0)
    return image


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:  # the pixels are sound, the metadata is not
        return image


def _encode(image: Image.Image) -> bytes:
    image.info.clear()  # Pillow would write the colour profile into the new file
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, exif=b"", xmp=b"")
    return buffer.getvalue()


def _too_many_pixels() -> Unprocessable:
    return Unprocessable(
        f"The picture has more than {_MAX_PIXELS // 1_000_000} million pixels; send a smaller one.",
        code="picture_too_many_pixels",
    )
