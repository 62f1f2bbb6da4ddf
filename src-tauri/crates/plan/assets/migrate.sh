#!/usr/bin/env bash
# Runs the migrations of this commit and waits for them. Needs APP and BUNDLE_KEY.
set -euo pipefail

if [ "$BUNDLE_KEY" = none ]; then
  echo "This commit has no migrations."
  exit 0
fi
answer=$(mktemp)
report=$(mktemp)
# One call that lasts as long as the migration: the client must neither give up nor try a second time.
AWS_MAX_ATTEMPTS=1 aws lambda invoke --function-name "$APP-migrate" --cli-read-timeout 0 --cli-binary-format raw-in-base64-out \
  --payload "{\"bundleKey\":\"$BUNDLE_KEY\"}" --query 'FunctionError' --output text "$answer" >"$report"
node -e '
  const { readFileSync } = require("node:fs");
  const failed = readFileSync(process.argv[2], "utf8").trim() !== "None";
  let answer = {};
  try { answer = JSON.parse(readFileSync(process.argv[1], "utf8")) ?? {}; } catch { }
  console.log(answer.log ?? answer.errorMessage ?? JSON.stringify(answer));
  process.exit(failed ? 1 : 0);
' "$answer" "$report"
