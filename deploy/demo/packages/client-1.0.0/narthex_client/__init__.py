"""Ask a Narthex server: search packages, look up store paths."""

import json
import urllib.parse
import urllib.request

from narthex_hash import hash_part


class Client:
    """A server, by its address such as http://localhost:8080. Errors of HTTP come as urllib gives them."""

    def __init__(self, url: str, timeout: float = 30):
        self.url = url.rstrip("/")
        self.timeout = timeout

    def search(self, words: str) -> list:
        """The first page of packages that match, best first; each has at least name, version and url."""
        hits = json.loads(self._get("/api/search?" + urllib.parse.urlencode({"q": words})))["hits"]
        return [{**hit, "url": urllib.parse.urljoin(self.url, hit["url"])} for hit in hits]

    def path(self, cache: str, store_path: str) -> dict:
        """The narinfo of a store path by field; Sig is a list, every other value a string."""
        info = {"Sig": []}
        for line in self._get(f"/{cache}/{hash_part(store_path)}.narinfo").splitlines():
            key, _, value = line.partition(": ")
            if key == "Sig":
                info[key].append(value)
            else:
                info[key] = value
        return info

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self.url + path, timeout=self.timeout) as answer:
            return answer.read().decode()
