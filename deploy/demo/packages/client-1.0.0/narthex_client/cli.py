"""The command narthex-client."""

import argparse
import os

from . import Client


def main() -> int:
    parser = argparse.ArgumentParser(prog="narthex-client", description="Ask a Narthex server.")
    parser.add_argument("--url", default=os.environ.get("NARTHEX_URL", "http://localhost:8080"))
    commands = parser.add_subparsers(dest="command", required=True)
    search = commands.add_parser("search", help="packages that match")
    search.add_argument("words", nargs="+")
    path = commands.add_parser("path", help="what a cache says about a store path")
    path.add_argument("cache")
    path.add_argument("path")
    args = parser.parse_args()
    client = Client(args.url)
    try:
        if args.command == "search":
            for hit in client.search(" ".join(args.words)):
                print(hit["name"], hit["version"], hit["url"])
        else:
            for key, value in client.path(args.cache, args.path).items():
                print(f"{key}: {' '.join(value) if key == 'Sig' else value}")
    except (OSError, ValueError) as error:
        parser.exit(1, f"narthex-client: {error}\n")
    return 0
