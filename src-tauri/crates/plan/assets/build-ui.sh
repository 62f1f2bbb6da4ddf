#!/usr/bin/env bash
# Builds the user interface.
#
#   build-ui.sh <folder for the files>
#
# Sources: CODEBUILD_SRC_DIR (this zip), CODEBUILD_SRC_DIR_Code (the commit).
set -euo pipefail

files=$1
infra=$CODEBUILD_SRC_DIR
# shellcheck source=/dev/null
. "$infra/build.env"
cd "$CODEBUILD_SRC_DIR_Code/$PROJECT_FOLDER"
root=$PWD

# The project's own major version of Node.js; the image has some other one.
if [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || true)" != "$NODE_MAJOR" ]; then
  n "$NODE_MAJOR"
  hash -r
fi

# Variables that the bundler bakes in. They are public: everyone who opens the site can read them.
set -a
# shellcheck source=/dev/null
. "$infra/ui.env"
set +a

if [ -n "$PACKAGE_MANAGER_SETUP" ]; then
  bash -euxc "$PACKAGE_MANAGER_SETUP"
fi
for folder in "${UI_INSTALL_FOLDERS[@]}"; do
  (cd "$folder" && bash -euxc "$INSTALL_COMMAND")
done
node "$infra/prebuild.mjs" "$root" "$UI_FOLDER" "$PACKAGE_MANAGER"

# Commands of dependencies come first, nearest folder foremost, as in the project's own scripts.
commands=$root/node_modules/.bin
if [ "$UI_FOLDER" != . ]; then
  folder=$root
  IFS=/ read -ra parts <<<"$UI_FOLDER"
  for part in "${parts[@]}"; do
    folder=$folder/$part
    commands=$folder/node_modules/.bin:$commands
  done
fi
(cd "$UI_FOLDER" && PATH=$commands:$PATH bash -euxc "$UI_BUILD_COMMAND")

if [ ! -f "$root/$UI_OUTPUT/index.html" ]; then
  echo "The build left no index.html in $UI_OUTPUT." >&2
  exit 1
fi
rm -rf "$files"
cp -R "$root/$UI_OUTPUT" "$files"
