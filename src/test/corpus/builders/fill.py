"""fill.py big OUT MIB | many OUT N | tricky OUT: synthetic trees, the same bytes each time."""

import os
import random
import sys

kind, out = sys.argv[1:3]
noise = random.Random(20240501)


def write(path, content, executable=False):
    path = f"{out}/{path}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o755 if executable else 0o644)


def big(mib):
    """Every MiB differs; three in four cannot be compressed."""
    os.makedirs(f"{out}/share")
    with open(f"{out}/share/weights.bin", "wb") as file:
        for i in range(mib):
            file.write(noise.randbytes(1 << 20) if i % 4 else (b"%08d narthex " % i * 61681)[: 1 << 20])
    write("share/README", b"synthetic weights\n")


def many(count):
    for i in range(count):
        svg = b'<svg xmlns="x"><path id="%d" d="M%d"/></svg>\n' % (i, noise.getrandbits(60))
        write(f"share/icons/{i % 200:03d}/icon-{i:05d}.svg", svg, executable=i % 997 == 0)


def tricky():
    write("plain", b"plain\n")
    write("empty", b"")
    write("bin/run", b"#!/bin/sh\necho run\n", executable=True)
    for size in (1, 7, 8, 9, 15, 16, 17):  # around the eight bytes to which a NAR pads
        write(f"pad/{size:02d}", b"p" * size)
    write("case/README", b"upper\n")
    write("case/readme", b"lower\n")
    for name in ("with space", "ümläut-中文.txt", "-dash", "%2e%2e", "l" * 200):
        write(f"names/{name}", b"named\n")
    write('names/<b>&amp;"quote".html', b"<script>alert(1)</script>\n")
    os.makedirs(f"{out}/emptydir")
    os.makedirs(f"{out}/links")
    targets = {"rel": "../plain", "abs": "/etc/passwd", "dangling": "nowhere", "self": f"{out}/plain", "loop": "loop"}
    for name, target in {**targets, "up": "../../../../etc/passwd"}.items():
        os.symlink(target, f"{out}/links/{name}")
    write("deep/" + "".join(f"d{i}/" for i in range(60)) + "leaf", b"leaf\n")


if kind == "tricky":
    tricky()
else:
    {"big": big, "many": many}[kind](int(sys.argv[3]))
