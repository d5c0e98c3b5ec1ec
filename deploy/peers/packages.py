#!/usr/bin/env python3
"""packages.py make DIR: creates npm tarballs and wheels for deploy/bench, identical in each run, like well-known packages.
packages.py publish DIR URL: publishes the tarballs to an npm registry as npm does, one PUT per version.
packages.py speed URL NAME COUNT BYTES [TOKEN]: publishes COUNT versions with BYTES of filler; prints versions per second.
packages.py upload URL NAME COUNT BYTES TOKEN: uploads wheels to a Python index as twine does; prints wheels per second.
packages.py exchange FILE TARGET NUMBER: copies a file with its byte values permuted; it compresses equally well.
packages.py rebuild DIR TARGET NUMBER: copies a folder with the changes of a second build of the same sources.
packages.py narinfos URL COUNT: prints the addresses of COUNT narinfos, in random order."""

import base64, gzip, hashlib, http.client, io, json, pathlib, random, sys, tarfile, time, urllib.parse, urllib.request, zipfile

# name, versions, dependencies, filler bytes: many versions, few versions, and one large file
NPM = [("bench-many", 290, 30, 8_000), ("bench-few", 3, 1, 3_000), ("bench-large", 1, 2, 4_200_000)]
WHEELS = [("bench-many", 120), ("bench-few", 3)]
BOUNDARY = "f0f1e2d3c4"
README = "# {name}\n\nServes as a package to be measured.\n\n" + "A paragraph on how to use it, with `code`.\n\n" * 40


def manifest(name, version, dependencies):
    return {
        "name": name, "version": version, "description": "A package to be measured", "license": "MIT",
        "author": "Somebody <somebody@example.org>", "keywords": ["bench", "measure", "registry"],
        "repository": {"type": "git", "url": "git+https://example.org/" + name + ".git"},
        "homepage": "https://example.org/" + name, "bugs": {"url": "https://example.org/" + name + "/issues"},
        "main": "index.js", "engines": {"node": ">= 18"}, "scripts": {"test": "node test.js"},
        "dependencies": {"dependency-%02d" % n: "~%d.%d.0" % (n, n % 7) for n in range(dependencies)},
        "devDependencies": {"tool-%02d" % n: "^%d.0.0" % n for n in range(dependencies // 2)},
    }


def tarball(name, version, dependencies, filling):
    out = io.BytesIO()
    files = {
        "package.json": json.dumps(manifest(name, version, dependencies), indent=2).encode(),
        "README.md": README.format(name=name).encode(),
        # random, so that compression does not shrink it
        "index.js": b"// " + base64.b64encode(random.Random(name + version).randbytes(filling * 3 // 4)),
    }
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
        for path, data in files.items():
            entry = tarfile.TarInfo("package/" + path)
            entry.size = len(data)
            entry.mtime = 499162500
            tar.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def wheel(name, version, filling=0):
    module = name.replace("-", "_")
    info = "%s-%s.dist-info/" % (module, version)
    files = {
        module + ".py": b"name = '%s'\n# " % name.encode() + base64.b64encode(random.Random(name + version).randbytes(filling * 3 // 4)),
        info + "METADATA": ("Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: A package to be measured\n"
            "Requires-Python: >=3.8\nRequires-Dist: dependency (>=1)\n\n%s" % (name, version, README.format(name=name))).encode(),
        info + "WHEEL": b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join("%s,sha256=%s,%d\n" % (path, digest(data), len(data)) for path, data in files.items())
    files[info + "RECORD"] = (record + info + "RECORD,,\n").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for path, data in files.items():
            zipped.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def versions(count):
    return ["%d.%d.%d" % (n // 100, n // 10 % 10, n % 10) for n in range(1, count + 1)]


def make(folder):
    folder = pathlib.Path(folder)
    for kind in "npm", "pypi":
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for name, count, dependencies, filling in NPM:
        for version in versions(count):
            (folder / "npm" / f"{name}-{version}.tgz").write_bytes(tarball(name, version, dependencies, filling))
    for name, count in WHEELS:
        for version in versions(count):
            file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
            (folder / "pypi" / file).write_bytes(wheel(name, version))


def document(url, name, version, dependencies, data):
    file = f"{name}-{version}.tgz"
    of = manifest(name, version, dependencies) | {"_id": name + "@" + version, "dist": {
        "integrity": "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode(),
        "shasum": hashlib.sha1(data).hexdigest(), "tarball": f"{url}{name}/-/{file}"}}
    return json.dumps({"_id": name, "name": name, "dist-tags": {"latest": version}, "versions": {version: of},
        "readme": README.format(name=name), "_attachments": {file: {
            "content_type": "application/octet-stream", "data": base64.b64encode(data).decode(), "length": len(data)}}}).encode()


def publish(folder, url):
    for name, count, dependencies, _ in NPM:
        for version in versions(count):
            data = (pathlib.Path(folder) / "npm" / f"{name}-{version}.tgz").read_bytes()
            request = urllib.request.Request(url + name, document(url, name, version, dependencies, data), method="PUT",
                headers={"Content-Type": "application/json"})
            urllib.request.urlopen(request).read()


def exchange(source, target, number):
    """Permutes the byte values of a file, seeded by the number: it compresses equally well, but shares no chunks."""
    rule = bytes(range(256))
    rule = rule[int(number) + 1:] + rule[:int(number) + 1]
    with open(source, "rb") as read, open(target, "wb") as written:
        while data := read.read(1 << 20):
            written.write(data.translate(rule))


def rebuild(source, target, number):
    """A folder like a second build of the same sources: six store paths near the head of each program change, and one per MiB."""
    for path in pathlib.Path(source).rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        data = bytearray(path.read_bytes())
        for place in [*range(1 << 10, 7 << 10, 1 << 10), *range(1 << 20, len(data), 1 << 20)]:
            if place + 32 <= len(data):
                data[place:place + 32] = hashlib.sha256(f"{number} {path.name} {place}".encode()).hexdigest()[:32].encode()
        copy = pathlib.Path(target) / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)


def narinfos(url, count):
    """Addresses in random order of the narinfos of paths created by deploy/peers/store.sql."""
    order = random.Random(7)
    for _ in range(200_000):
        print(f"{url}{order.randrange(int(count)):032}.narinfo")


def speed(url, name, count, filling, token=""):
    """Publishes one after another over one connection; bodies are built before the clock starts."""
    dependencies = 10
    bodies = [document(url, name, v, dependencies, tarball(name, v, dependencies, int(filling))) for v in versions(int(count))]
    authorization = {"Authorization": "Bearer " + token} if token else {}
    print(sent("PUT", url + name, bodies, {"Content-Type": "application/json"} | authorization))


def upload(url, name, count, filling, token):
    """Uploads wheels like publish."""
    bodies = [form(name, v, wheel(name, v, int(filling))) for v in versions(int(count))]
    user = base64.b64encode(b"__token__:" + token.encode()).decode()
    print(sent("POST", url, bodies, {"Content-Type": "multipart/form-data; boundary=" + BOUNDARY, "Authorization": "Basic " + user}))


def form(name, version, data):
    fields = {
        ":action": "file_upload", "protocol_version": "1", "filetype": "bdist_wheel", "pyversion": "py3",
        "metadata_version": "2.1", "name": name, "version": version, "summary": "A package to be measured",
        "md5_digest": hashlib.md5(data).hexdigest(), "sha256_digest": hashlib.sha256(data).hexdigest(),
        "blake2_256_digest": hashlib.blake2b(data, digest_size=32).hexdigest(),
    }
    part = '--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
    file = f'; filename="{name.replace("-", "_")}-{version}-py3-none-any.whl"'
    texts = "".join(part % (BOUNDARY, field, "") + value + "\r\n" for field, value in fields.items())
    return (texts + part % (BOUNDARY, "content", file)).encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def sent(method, url, bodies, headers):
    """Sends all requests over one connection and returns the number per second."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(at.netloc)
    began = time.monotonic()
    for body in bodies:
        connection.request(method, at.path, body, headers)
        answer = connection.getresponse()
        response = answer.read()
        if answer.status not in (200, 201):
            sys.exit(f"{url}: {answer.status} {response.decode()}")
    return len(bodies) / (time.monotonic() - began)


if __name__ == "__main__":
    {"make": make, "publish": publish, "speed": speed, "upload": upload,
        "exchange": exchange, "rebuild": rebuild, "narinfos": narinfos}[sys.argv[1]](*sys.argv[2:])
