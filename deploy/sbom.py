"""Prints what the command is made of, as CycloneDX 1.5: every crate of the build with version, licence and checksum.

usage: sbom.py VERSION TARGET
"""

import json
import re
import subprocess
import sys


def main() -> None:
    version = sys.argv[1]
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", sys.argv[2]]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = next(id for id, package in packages.items() if package["name"] == "tms-sync-cli")
    crates = sorted(reached(root, nodes), key=lambda id: (packages[id]["name"], packages[id]["version"]))
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "tms-sync", "version": version}},
        "components": [component(packages[id]) for id in crates if packages[id]["source"]],
    }
    json.dump(bom, sys.stdout, indent=1)
    print()


def reached(root: str, nodes: dict) -> set:
    """Crates that the command needs, or that build what it needs; those of tests alone are left out."""
    seen, waiting = set(), [root]
    while waiting:
        id = waiting.pop()
        if id in seen:
            continue
        seen.add(id)
        for dependency in nodes[id]["deps"]:
            if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    return seen


def component(package: dict) -> dict:
    name, version = package["name"], package["version"]
    found = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:cargo/{name}@{version}",
    }
    if package["license"]:
        # Older crates write MIT/Apache-2.0.
        found["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", package["license"])}]
    return found


main()
