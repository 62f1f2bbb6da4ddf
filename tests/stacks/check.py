"""Runs the checkers of others over planned templates and prints one table: cfn-lint, AWS's cloudformation-validate, checkov.

    check.py VENV FOLDER [--faults]

FOLDER holds one folder for each choice set (example `write_matrix`), or with --faults for each planted fault (tests `faults`), where
`found.json` beside the template says what the plan's own checks found, and one with the correct templates of each group of faults. VENV is a virtual environment with the three tools.

A template passes if no tool has an error or a warning about it. What is accepted is written into the template, at the resource it
belongs to, with its reason; nothing is silenced here but what WRONG lists.
"""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

# Templates for one process of cfn-lint: starting it takes longer than one template does.
BATCH = 20
PROCESSES = 2
# Findings of cloudformation-validate 1.14 that are wrong: rule, part of its message, why.
WRONG = [
    ("F3014", "", "a conditional certificate: exactly one of the two forms is ever there"),
    ("W2509", "'SecretsRevision'", "the version id of a secret, which is no secret"),
    ("E3511", "/execution-role'", "the default of a parameter that is looked up in SSM; the role is what is found there"),
    ("E9006", "'8.4' is not one of", "RDS takes the major version and picks the newest minor one; the list has minor ones only"),
    ("W9013", "Hardcoded account ID", "the ARN of the permissions boundary, which the user gives"),
    ("E3050", ".Arn instead", "the templates do say !GetAtt Role.Arn"),
]
TOOLS = ("cfn-lint", "validate", "checkov")


def unique(folder):
    """Content hash -> file, and for each set the hashes of its templates. Many sets share templates."""
    files, sets = {}, {}
    for path in sorted(folder.glob("*/*.template.yaml")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        files.setdefault(digest, path)
        sets.setdefault(path.parent.name, []).append(digest)
    return files, sets


def cfn_lint(binaries, paths):
    """Errors and warnings of the newest cfn-lint."""
    command = [str(binaries / "cfn-lint"), "--format", "json", "--", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # 1 is a fault of cfn-lint itself; the bits 2, 4 and 8 are errors, warnings and information.
    if done.returncode & 1 or done.returncode > 15:
        raise SystemExit(f"cfn-lint failed:\n{done.stderr[-3000:]}")
    found = {}
    for each in json.loads(done.stdout or "[]"):
        if each["Level"] != "Informational":
            found.setdefault(Path(each["Filename"]).name, []).append(f"{each['Rule']['Id']} {each['Message']}")
    return found


def validate(binaries, folder):
    """Errors and warnings of cloudformation-validate, in one process."""
    program = """
import json, sys
from pathlib import Path
from cloudformation_validate import CompositeEngine, Severity
engine, found = CompositeEngine(), {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        diagnostics = engine.validate_template(path.read_bytes()).diagnostics
    except Exception as error:
        found[path.name] = [["unreadable", str(error)]]
        continue
    found[path.name] = [[d.rule_id, d.message] for d in diagnostics if d.severity != Severity.INFO]
print(json.dumps(found))
"""
    command = [str(binaries / "python"), "-c", program, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"cloudformation-validate failed:\n{done.stderr[-3000:]}")
    wrong = [(rule, part) for rule, part, _ in WRONG]
    return {
        name: [f"{rule} {text}" for rule, text in each if not any(rule == r and part in text for r, part in wrong)]
        for name, each in json.loads(done.stdout).items()
    }


def checkov(binaries, folder):
    """Failed checks of checkov, none of which may be without a reason in the template."""
    command = [str(binaries / "checkov"), "-d", str(folder), "--framework", "cloudformation", "--skip-download"]
    done = subprocess.run([*command, "--compact", "--quiet", "-o", "json"], capture_output=True, text=True, check=False)
    if not done.stdout.strip().startswith(("{", "[")):
        raise SystemExit(f"checkov failed:\n{done.stderr[-3000:]}")
    report = json.loads(done.stdout)
    if isinstance(report, list):
        report = report[0]
    found = {}
    for each in report.get("results", {}).get("failed_checks", []):
        found.setdefault(Path(each["file_path"]).name, []).append(f"{each['check_id']} {each['resource']}")
    return found


def examine(binaries, files):
    """Tool -> hash -> findings."""
    with TemporaryDirectory() as room:
        for digest, path in files.items():
            (Path(room) / f"{digest}.yaml").write_bytes(path.read_bytes())
        paths = sorted(Path(room).iterdir())
        batches = [paths[at : at + BATCH] for at in range(0, len(paths), BATCH)]
        with ThreadPoolExecutor(PROCESSES) as pool:
            security = pool.submit(checkov, binaries, room)
            second = pool.submit(validate, binaries, room)
            lint = {}
            for part in pool.map(lambda batch: cfn_lint(binaries, batch), batches):
                lint.update(part)
            results = {"cfn-lint": lint, "validate": second.result(), "checkov": security.result()}
    return {tool: {name.removesuffix(".yaml"): each for name, each in found.items() if each} for tool, found in results.items()}


def clean(folder, binaries):
    """Every template of every choice set passes every tool."""
    files, sets = unique(folder)
    results = examine(binaries, files)
    bad = Counter()
    for name, digests in sets.items():
        counts = [sum(len(results[tool].get(digest, [])) for digest in digests) for tool in TOOLS]
        for tool, count in zip(TOOLS, counts):
            bad[tool] += bool(count)
        print(f"{'ok    ' if not any(counts) else 'FAILED'}  {'  '.join(f'{t} {c}' for t, c in zip(TOOLS, counts))}  {name}")
    shown = Counter(finding for tool in TOOLS for each in results[tool].values() for finding in each)
    for finding, count in shown.most_common(60):
        print(f"  {count} × {finding}")
    summary = ", ".join(f"{tool}: {bad[tool]} with findings" for tool in TOOLS)
    print(f"{len(sets)} choice sets, {sum(map(len, sets.values()))} templates ({len(files)} different): {summary}")
    return bool(sets) and not any(bad.values())


def faults(folder, binaries):
    """Who finds which planted fault; at least 95 of 100 must be found by somebody."""
    files, sets = unique(folder)
    results = examine(binaries, files)
    correct = {
        (name.removesuffix(".correct"), tool): {f for digest in sets[name] for f in results[tool].get(digest, [])}
        for name in sets
        if name.endswith(".correct")
        for tool in TOOLS
    }
    tally = Counter()
    print(f"{'planted fault':<70} own  {'  '.join(TOOLS)}")
    names = [name for name in sets if not name.endswith(".correct")]
    for name in names:
        about = json.loads((folder / name / "found.json").read_text(encoding="utf-8"))
        by = [bool(about["found"])]
        group = name.split(".")[0]
        by += [any(f not in correct[group, t] for d in sets[name] for f in results[t].get(d, [])) for t in TOOLS]
        tally.update(tool for tool, hit in zip(("own", *TOOLS), by) if hit)
        tally["anybody"] += any(by)
        marks = [("x" if hit else "-").center(width) for hit, width in zip(by, (5, 8, 10, 9))]
        title = f"{group}: {about['fault']}"[:69]
        print(f"{title:<70}{''.join(marks)}{'' if any(by) else '  MISSED'}")
    shares = ", ".join(f"{tool} {tally[tool]}" for tool in ("own", *TOOLS, "anybody"))
    share = 100 * tally["anybody"] / max(len(names), 1)
    print(f"{len(names)} faults; found by {shares} ({share:.1f} %)")
    return len(names) >= 30 and share >= 95


def main():
    """One of the two questions."""
    binaries, folder = Path(sys.argv[1]) / "bin", Path(sys.argv[2])
    passed = (faults if "--faults" in sys.argv else clean)(folder, binaries)
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
