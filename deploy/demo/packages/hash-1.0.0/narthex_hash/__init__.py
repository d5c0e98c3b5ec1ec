"""Nix's base-32 and the hash parts of store paths."""

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
