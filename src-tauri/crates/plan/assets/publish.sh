#!/usr/bin/env bash
# Publishes the user interface without a moment in which it is broken. Needs UI_BUCKET, DISTRIBUTION_ID, ARTIFACT_BUCKET, COMMIT.
set -euo pipefail

# Releases whose files stay: open tabs go on loading parts of the version they started with.
KEEP_RELEASES=5
KEEP_DAYS=7

cd "$CODEBUILD_SRC_DIR_UiFiles"
lists=$(mktemp -d)

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
aws s3 sync . "s3://$UI_BUCKET/" --no-progress --exclude index.html --cache-control 'public,max-age=0,must-revalidate'
aws s3 cp index.html "s3://$UI_BUCKET/index.html" --no-progress --cache-control no-cache --content-type 'text/html; charset=utf-8'

# A file may go when none of the last releases has it and it is old.
aws s3 cp "$lists/this.txt" "s3://$ARTIFACT_BUCKET/releases/$(date -u +%Y%m%dT%H%M%SZ)-${COMMIT:0:12}.txt" --no-progress
mkdir "$lists/releases"
aws s3 ls "s3://$ARTIFACT_BUCKET/releases/" | awk '{ print $4 }' | LC_ALL=C sort | tail -n "$KEEP_RELEASES" | while read -r release; do
  aws s3 cp "s3://$ARTIFACT_BUCKET/releases/$release" "$lists/releases/$release" --no-progress
done
LC_ALL=C sort -u "$lists/this.txt" "$lists"/releases/*.txt >"$lists/keep.txt"
before=$(date -u -d "$KEEP_DAYS days ago" +%Y-%m-%dT%H:%M:%S)
aws s3api list-objects-v2 --bucket "$UI_BUCKET" --query "Contents[?LastModified<'$before'].[Key]" --output text |
  { grep -v '^None$' || true; } | LC_ALL=C sort | LC_ALL=C comm -23 - "$lists/keep.txt" | while IFS= read -r key; do
  aws s3 rm "s3://$UI_BUCKET/$key" --quiet
done

# Everything with a hash in its name is new by name; what keeps its name must be fetched anew.
aws cloudfront create-invalidation --distribution-id "$DISTRIBUTION_ID" \
  --paths / /index.html /manifest.json /manifest.webmanifest /sw.js /service-worker.js /robots.txt /favicon.ico
