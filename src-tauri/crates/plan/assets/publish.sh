#!/usr/bin/env bash
# Publishes the user interface without a moment in which it is broken. Needs UI_BUCKET, DISTRIBUTION_ID, ARTIFACT_BUCKET, COMMIT.
set -euo pipefail

# Whose files stay: open tabs go on loading parts of the version they started with. The last releases, and every release that
# was live within these days.
KEEP_RELEASES=5
KEEP_DAYS=7
# More paths than this are invalidated as one: the first 1,000 of a month are free.
MOST_PATHS=30

# shellcheck source=/dev/null
. "$CODEBUILD_SRC_DIR/build.env"
cd "$CODEBUILD_SRC_DIR_UiFiles"
lists=$(mktemp -d)
last=(--exclude index.html)

# What the page asks for when it starts is written here, so that a changed setting needs no other build.
if [ -n "$UI_CONFIG" ]; then
  mkdir -p "$(dirname "$UI_CONFIG")"
  cp "$CODEBUILD_SRC_DIR/ui-config.json" "$UI_CONFIG"
  last+=(--exclude "$UI_CONFIG")
fi

# What this release consists of.
find . -type f | sed 's|^\./||' | LC_ALL=C sort >"$lists/this.txt"

# Bundlers put a hash into the names of what they make: such a file never changes. Beside it may lie files that were merely
# copied, so the folder alone tells nothing.
hashed=$(mktemp -d)
while IFS= read -r file; do
  name=${file##*/}
  name=${name%.map}
  name=${name/.chunk./.}
  stem=${name%.*}
  hash=${stem##*[-.]}
  if [ "$hash" != "$stem" ] && [[ $hash =~ ^[A-Za-z0-9_]{8,}$ && $hash =~ [0-9A-Z] ]]; then
    mkdir -p "$hashed/${file%/*}"
    mv "$file" "$hashed/$file"
  fi
done < <(grep -E '^(assets|static)/' "$lists/this.txt" || true)

# 1. What never changes, for a year. 2. All else, asked for again each time. 3. index.html: with it the new version is live.
aws s3 sync "$hashed" "s3://$UI_BUCKET/" --no-progress --cache-control 'public,max-age=31536000,immutable'
aws s3 sync . "s3://$UI_BUCKET/" --no-progress "${last[@]}" --cache-control 'public,max-age=0,must-revalidate'
if [ -n "$UI_CONFIG" ]; then
  aws s3 cp "$UI_CONFIG" "s3://$UI_BUCKET/$UI_CONFIG" --no-progress --cache-control no-cache --content-type application/json
fi
aws s3 cp index.html "s3://$UI_BUCKET/index.html" --no-progress --cache-control no-cache --content-type 'text/html; charset=utf-8'

# A file may go when none of those releases has it and it is old. Names of lists begin with the moment of their release; the
# newest one before the first of these days was still live when they began.
aws s3 cp "$lists/this.txt" "s3://$ARTIFACT_BUCKET/releases/$(date -u +%Y%m%dT%H%M%SZ)-${COMMIT:0:12}.txt" --no-progress
mkdir "$lists/releases"
aws s3 ls "s3://$ARTIFACT_BUCKET/releases/" | awk '{ print $4 }' | LC_ALL=C sort >"$lists/all.txt"
since=$(date -u -d "$KEEP_DAYS days ago" +%Y%m%dT%H%M%SZ)
{
  tail -n "$KEEP_RELEASES" "$lists/all.txt"
  LC_ALL=C awk -v since="$since" '$0 < since { before = $0; next } { print } END { if (before != "") print before }' "$lists/all.txt"
} | LC_ALL=C sort -u | while read -r release; do
  aws s3 cp "s3://$ARTIFACT_BUCKET/releases/$release" "$lists/releases/$release" --no-progress
done
LC_ALL=C sort -u "$lists/this.txt" "$lists"/releases/*.txt >"$lists/keep.txt"
before=$(date -u -d "$KEEP_DAYS days ago" +%Y-%m-%dT%H:%M:%S)
aws s3api list-objects-v2 --bucket "$UI_BUCKET" --query "Contents[?LastModified<'$before'].[Key]" --output text |
  { grep -v '^None$' || true; } | LC_ALL=C sort | LC_ALL=C comm -23 - "$lists/keep.txt" | while IFS= read -r key; do
  aws s3 rm "s3://$UI_BUCKET/$key" --quiet
done

# What has a hash in its name is new by name; what keeps its name must be fetched anew. Line by line, as paths of an address.
(cd "$hashed" && find . -type f | sed 's|^\./||' | LC_ALL=C sort) >"$lists/hashed.txt"
LC_ALL=C comm -23 "$lists/this.txt" "$lists/hashed.txt" | node -e '
  const files = require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
  const paths = ["/", ...files.map((file) => "/" + file.split("/").map(encodeURIComponent).join("/"))];
  console.log((paths.length > Number(process.argv[1]) ? ["/*"] : paths).join("\n"));
' "$MOST_PATHS" >"$lists/paths.txt"
mapfile -t paths <"$lists/paths.txt"
aws cloudfront create-invalidation --distribution-id "$DISTRIBUTION_ID" --paths "${paths[@]}"
