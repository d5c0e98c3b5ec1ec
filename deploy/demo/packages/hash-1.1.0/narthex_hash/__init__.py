"""Nix's base-32, the hash parts of store paths, and the way to and from SRI."""

from base64 import b64decode, b64encode

ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz"


def encode(digest: bytes) -> str:
    """The digest in Nix's base-32.

    >>> encode(bytes(20))
    '00000000000000000000000000000000'
    """
    number = int.from_bytes(digest, "little")
    length = (len(digest) * 8 + 4) // 5
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def decode(text: str) -> bytes:
    """The digest that encode() writes as text.

    >>> decode("0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73").hex()[:16]
    'e3b0c44298fc1c14'
    >>> decode("zz")
    Traceback (most recent call last):
    ValueError: not Nix base-32: 'zz'
    """
    number = 0
    for char in text:
        place = ALPHABET.find(char)
        if place < 0:
            raise ValueError(f"not Nix base-32: {text!r}")
        number = number << 5 | place
    size = len(text) * 5 // 8
    if number >> size * 8 or len(text) != (size * 8 + 4) // 5:
        raise ValueError(f"not Nix base-32: {text!r}")
    return number.to_bytes(size, "little")


def hash_part(path: str) -> str:
    """The 32 characters before the name of a store path.

    >>> hash_part("/nix/store/00000000000000000000000000000000-lantern-3.2.1")
    '00000000000000000000000000000000'
    """
    part = path.rsplit("/", 1)[-1].partition("-")[0]
    if len(part) != 32:
        raise ValueError(f"not a store path: {path!r}")
    decode(part)
    return part


def to_sri(text: str) -> str:
    """A hash as Nix writes it, in the form that npm and browsers read.

    >>> to_sri("sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73")
    'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
    """
    algorithm, _, digits = text.partition(":")
    return f"{algorithm}-{b64encode(decode(digits)).decode()}"


def from_sri(text: str) -> str:
    """The reverse of to_sri().

    >>> from_sri("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    'sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73'
    """
    algorithm, _, digits = text.partition("-")
    return f"{algorithm}:{encode(b64decode(digits, validate=True))}"
