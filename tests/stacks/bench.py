"""Times two programs in turns and prints what `scripts/bench-plan` promises.

    bench.py ZONKE ROOM ROUNDS

ROOM is a scratch folder in which `peer` is an installed copy of tests/stacks/cdk-peer. Times are medians: of the clock, and of the
processor with all children, which other work on the computer changes least. Memory is the most that was resident at once.
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

QUIET = {
    "CDK_DISABLE_CLI_TELEMETRY": "1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_COLOR": "1",
}


def measure(command, folder):
    """Seconds of the clock, seconds of the processor, peak resident MB."""
    begin = time.perf_counter()
    environment = {**os.environ, **QUIET}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{command[0]} failed:\n{complaint.decode()[-2000:]}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    """Measures and prints."""
    zonke, room, rounds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    peer = room / "peer"
    cdk = str(peer / "node_modules/.bin/cdk")
    example = ["examples/guestbook", "--app", "guestbook", "--region", "eu-west-1", "--branch", "main"]
    programs = {
        "zonke plan": ([zonke, "plan", *example, "--repository", "example/guestbook", "--out", str(room / "planned")], "."),
        "cdk synth": ([cdk, "synth", "--quiet", "--no-notices", "--app", "node app.mjs", "--output", str(room / "synth")], peer),
        "its app alone": (["node", "app.mjs"], peer),
    }
    samples = {name: [] for name in programs}
    for turn in range(rounds + 1):
        for name, (command, folder) in programs.items():
            sample = measure(command, folder)
            # The first of each fills the caches of the file system.
            if turn:
                samples[name].append(sample)
    middle = {name: [statistics.median(column) for column in zip(*each)] for name, each in samples.items()}
    print(f"{'':<14} {'clock':>10} {'processor':>10} {'memory':>10}   ({rounds} rounds, medians)")
    for name, (clock, processor, memory) in middle.items():
        print(f"{name:<14} {clock * 1000:>7.0f} ms {processor * 1000:>7.0f} ms {memory:>7.1f} MB")
    ours = middle["zonke plan"]
    for name in ("cdk synth", "its app alone"):
        clock, processor = (theirs / own for theirs, own in zip(middle[name][:2], ours))
        print(f"zonke plan is {clock:.0f} times as fast as {name} by the clock, {processor:.0f} times by the processor")
    print(f"files written: zonke {sum(1 for f in (room / 'planned').rglob('*') if f.is_file())}")


if __name__ == "__main__":
    main()
