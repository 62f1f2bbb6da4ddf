"""Compares the templates that `cdk synth` makes of ejected CDK apps with the planned ones.

    cdk.py FOLDER

FOLDER holds one ejected folder for each choice set (example `write_cdk`), each with `cdk/cdk.out`. Two templates are the same if they
are after the spellings that CloudFormation treats alike are made one: `Sub` and `Join`, texts and numbers, the order of tags and of
what a resource waits for.
"""

import json
import re
import sys
from pathlib import Path

import yaml


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short functions."""


def function(loader, suffix, node):
    name = "Ref" if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value.split(".", 1) if name == "Fn::GetAtt" and isinstance(value, str) else value}


Loader.add_multi_constructor("!", function)
# Dates and the like are texts to CloudFormation.
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parts_of_sub(text):
    """The text and the references of a `Sub`, one after the other."""
    for piece in re.split(r"(\$\{[^}]*\})", text):
        if piece.startswith("${!"):
            yield "${" + piece[3:]
        elif piece.startswith("${"):
            name = piece[2:-1]
            yield {"Fn::GetAtt": name.split(".", 1)} if "." in name else {"Ref": name}
        elif piece:
            yield piece


def joined(parts):
    """A text out of parts: plain neighbors become one."""
    out = []
    for part in parts:
        if isinstance(part, dict) and set(part) == {"text"}:
            pieces = part["text"]
        else:
            pieces = [part]
        for piece in pieces:
            if out and isinstance(piece, str) and isinstance(out[-1], str):
                out[-1] += piece
            else:
                out.append(piece)
    return out[0] if len(out) == 1 and isinstance(out[0], str) else {"text": out}


def plain(value, key=None):
    """The value in the one spelling."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, list):
        items = [plain(item) for item in value]
        if key in ("Tags", "HostedZoneTags"):
            return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
        return items
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str):
        return joined(parts_of_sub(value["Fn::Sub"]))
    if set(value) == {"Fn::Join"} and value["Fn::Join"][0] == "":
        return joined([plain(part) for part in value["Fn::Join"][1]])
    if set(value) == {"Fn::GetAtt"}:
        return value
    return {name: plain(inner, name) for name, inner in value.items()}


def of(template):
    template = plain({name: part for name, part in template.items() if name != "AWSTemplateFormatVersion"})
    for resource in template["Resources"].values():
        waits = resource.get("DependsOn")
        if waits is not None:
            resource["DependsOn"] = sorted([waits] if isinstance(waits, str) else waits)
    template["Description"] = " ".join(template.get("Description", "").split())
    return template


def differences(planned, made, path=""):
    if type(planned) is type(made) is dict:
        for name in sorted({*planned, *made}):
            yield from differences(planned.get(name), made.get(name), f"{path}/{name}")
    elif type(planned) is type(made) is list and len(planned) == len(made):
        for index, pair in enumerate(zip(planned, made)):
            yield from differences(*pair, f"{path}/{index}")
    elif planned != made:
        yield f"{path}: planned {json.dumps(planned)[:300]}, made {json.dumps(made)[:300]}"


def main(folder):
    sets = stacks = resources = 0
    wrong = []
    for ejected in sorted(Path(folder).iterdir()):
        if not (ejected / "cdk").is_dir():
            continue
        sets += 1
        planned = {p.name.split(".")[0]: p for place in (ejected, ejected / "infra") for p in place.glob("*.template.yaml")}
        made = {p.name.removesuffix(".template.json").split("-")[-1]: p for p in (ejected / "cdk/cdk.out").glob("*.template.json")}
        if set(planned) != set(made):
            wrong.append(f"{ejected.name}: planned {sorted(planned)}, made {sorted(made)}")
        for role in set(planned) & set(made):
            stacks += 1
            ours = of(yaml.load(planned[role].read_text(), Loader))  # noqa: S506 - a safe loader
            theirs = of(json.loads(made[role].read_text()))
            resources += len(ours["Resources"])
            wrong += [f"{ejected.name} {role}{line}" for line in differences(ours, theirs)]
    print(f"{sets} choice sets, {stacks} stacks, {resources} resources: {len(wrong)} differences")
    print("\n".join(wrong[:60]))
    return 1 if wrong or not sets else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
