"""awkward-nars.py DIR: unusual and wrong NARs as a plain binary cache, to see what a parser takes.

Writes DIR/nar/CASE.nar, DIR/HASH.narinfo (Compression none, correct NarHash and NarSize) and DIR/expect.json:
case -> {"path", "file", "verdict": "accept" | "refuse"}. The verdict is what this server should do, as nix 2.36 reads
NARs: entries ascend, names are 1 to 255 bytes without / or NUL, targets 1 to 4095 bytes, at most 63 folders deep."""

import hashlib
import json
import os
import struct
import sys

ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz"


def nix32(digest):
    number = int.from_bytes(digest, "little")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range((len(digest) * 8 + 4) // 5)))


def string(value, pad=b"\0"):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(value)) + value + pad * (-len(value) % 8)


def tokens(*parts):
    """Strings become NAR strings, bytes are nodes already."""
    return b"".join(string(part) if isinstance(part, str) else part for part in parts)


def regular(content=b"x", executable=None, pad=b"\0"):
    flag = b"" if executable is None else tokens("executable", executable)
    return tokens("(", "type", "regular", flag, "contents", string(content, pad), ")")


def symlink(target):
    return tokens("(", "type", "symlink", "target", string(target), ")")


def directory(*entries):
    listed = (tokens("entry", "(", "name", string(name), "node", node, ")") for name, node in entries)
    return tokens("(", "type", "directory", *listed, ")")


def nested(depth):
    node = regular()
    for _ in range(depth):
        node = directory(("d", node))
    return node


MAGIC = string("nix-archive-1")

ACCEPTED = {
    "plain": directory(("a", regular()), ("b", symlink("a"))),
    "empty-dir": directory(),
    "name-255": directory(("n" * 255, regular())),
    "non-utf8-name": directory((b"\xff\xfe", regular())),
    "exec": directory(("a", regular(executable=""))),
    "sym-4095": directory(("a", symlink("t" * 4095))),
    "sym-escape": directory(("a", symlink("../../../etc/passwd"))),
    "sym-absolute": directory(("a", symlink("/etc/passwd"))),
    "depth-63": nested(63),
    "case": directory(("A", regular()), ("a", regular())),
    "case-hacked-name": directory(("a~nix~case~hack~1", regular())),
    "root-file": regular(b"hello"),
    "root-exec": regular(b"hello", executable=""),
    "root-symlink": symlink("/etc/passwd"),
    "empty-file": regular(b""),
}

REFUSED = {
    "unsorted": directory(("b", regular()), ("a", regular())),
    "duplicate": directory(("a", regular()), ("a", regular())),
    "slash": directory(("a/b", regular())),
    "dot": directory((".", regular())),
    "dotdot": directory(("..", regular())),
    "empty-name": directory(("", regular())),
    "nul-name": directory((b"a\0b", regular())),
    "name-256": directory(("n" * 256, regular())),
    "bad-padding": directory(("a", regular(b"xyz", pad=b"\1"))),
    "exec-nonempty": directory(("a", regular(executable="yes"))),
    "exec-after": tokens("(", "type", "regular", "contents", "x", "executable", "", ")"),
    "sym-empty": directory(("a", symlink(""))),
    "sym-5000": directory(("a", symlink("t" * 5000))),
    "sym-nul": directory(("a", symlink(b"a\0b"))),
    "through-symlink": directory(("a", symlink("/etc")), ("a", directory(("x", regular())))),
    "depth-64": nested(64),
    "depth-5000": nested(5000),
    "no-contents": tokens("(", "type", "regular", ")"),
    "type-unknown": tokens("(", "type", "fifo", ")"),
}

# whole archives, with the magic or without
REFUSED_ARCHIVES = {
    "no-magic": string("nix-archive-2") + directory(),
    "trailing": MAGIC + regular() + b"garbage!",
    "cut": (MAGIC + regular(b"z" * 100))[:-40],
    "length-huge": MAGIC + tokens("(", "type", "regular", "contents", struct.pack("<Q", 2**63 - 1)) + b"x",
    "tag-huge": MAGIC + struct.pack("<Q", 2**40),
    "empty": b"",
}

out = sys.argv[1]
os.makedirs(f"{out}/nar", exist_ok=True)
expected = {}


def write(case, nar, verdict):
    hash_part = nix32(hashlib.sha256(case.encode()).digest()[:20])
    path = f"/nix/store/{hash_part}-{case}"
    nar_hash = nix32(hashlib.sha256(nar).digest())
    with open(f"{out}/nar/{case}.nar", "wb") as file:
        file.write(nar)
    with open(f"{out}/{hash_part}.narinfo", "w") as file:
        file.write(f"StorePath: {path}\nURL: nar/{case}.nar\nCompression: none\n")
        file.write(f"NarHash: sha256:{nar_hash}\nNarSize: {max(len(nar), 1)}\nReferences: \n")
    expected[case] = {"path": path, "file": f"nar/{case}.nar", "verdict": verdict}


for case, node in ACCEPTED.items():
    write(case, MAGIC + node, "accept")
for case, node in REFUSED.items():
    write(case, MAGIC + node, "refuse")
for case, nar in REFUSED_ARCHIVES.items():
    write(case, nar, "refuse")
with open(f"{out}/nix-cache-info", "w") as file:
    file.write("StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 41\n")
with open(f"{out}/expect.json", "w") as file:
    json.dump(expected, file, indent=1)
