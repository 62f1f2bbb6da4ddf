#!/usr/bin/env bash
# Builds the servers' image and, with Prisma, the bundle that the migration function runs.
#
#   build-api.sh <file for the results>
#
# Sources: CODEBUILD_SRC_DIR (this zip), CODEBUILD_SRC_DIR_Code (the commit). Needs COMMIT, REPOSITORY_URI, ARTIFACT_BUCKET.
set -euo pipefail

results=$1
infra=$CODEBUILD_SRC_DIR
# shellcheck source=/dev/null
. "$infra/build.env"
code="$CODEBUILD_SRC_DIR_Code/$PROJECT_FOLDER"
registry=${REPOSITORY_URI%%/*}
repository=${REPOSITORY_URI#*/}

# The name of an image tells the commit and what it was built with: a retried run finds the image it has already pushed,
# and a changed Dockerfile makes a new one from the same commit.
recipe=$(cat "$infra/Dockerfile.api" "$infra/preload.cjs" "$infra/prebuild.mjs" | sha256sum | cut -c1-8)
tag="c-${COMMIT:0:12}-$recipe"

digest() {
  aws ecr describe-images --repository-name "$repository" --image-ids "imageTag=$tag" \
    --query 'imageDetails[0].imageDigest' --output text 2>/dev/null
}

aws ecr get-login-password | docker login --username AWS --password-stdin "$registry"

if ! digest >/dev/null; then
  if [ -n "$DATABASE_CERTIFICATES" ]; then
    # Drivers that check the database's certificate need the authority that RDS uses in this region.
    curl --fail --silent --show-error --location --retry 5 --output "$infra/database-ca.pem" \
      "https://truststore.pki.rds.amazonaws.com/$AWS_REGION/$AWS_REGION-bundle.pem"
  fi
  if [ -n "$OWN_DOCKERFILE" ]; then
    if [ ! -f "$code/$OWN_DOCKERFILE" ]; then
      echo "The commit has no $OWN_DOCKERFILE. Choose another one, or the generated Dockerfile." >&2
      exit 1
    fi
    # As with the generated Dockerfile, such files never get into an image.
    find "$code" -type f \( -name .env -o -name '.env.*' \) ! -name .env.example -delete
    docker buildx build --provenance=false --load --file "$code/$OWN_DOCKERFILE" --tag zonke-own "$code"
    docker image inspect zonke-own >"$infra/own-image.json"
    node "$infra/own-image.mjs" "$infra/own-image.json" "$OWN_DOCKERFILE" "$SERVER_PORT"
    if ! docker run --rm --entrypoint node zonke-own --version; then
      echo "The image of $OWN_DOCKERFILE has no node on its path, which the servers need." >&2
      exit 1
    fi
  fi
  docker buildx build --provenance=false --build-context "zonke=$infra" --file "$infra/Dockerfile.api" \
    --tag "$REPOSITORY_URI:$tag" --push "$code"
fi
image="$REPOSITORY_URI@$(digest)"
bundle_key=none

if [ -n "$PRISMA_MIGRATIONS" ]; then
  version=$PRISMA_VERSION
  if [ -z "$version" ]; then
    # No lockfile names it: the image has what was installed.
    version=$(docker run --rm --entrypoint node "$image" -p "require('prisma/package.json').version")
  fi
  bundle=$(mktemp -d)
  (
    cd "$bundle"
    npm init --yes >/dev/null
    npm install --no-audit --no-fund --ignore-scripts "prisma@$version"
    # Makes Prisma fetch its engine now: the migration function cannot reach the internet address it comes from.
    node node_modules/prisma/build/index.js version
  )
  engine=$(cd "$bundle" && find node_modules/@prisma -name 'schema-engine-*' -type f ! -name '*.gz*' ! -name '*.sha256' | sort | head -n 1)
  if [ -z "$engine" ]; then
    echo "Prisma $version did not fetch its schema engine." >&2
    exit 1
  fi
  mkdir "$bundle/prisma"
  if [ -d "$code/$PRISMA_SCHEMA" ]; then
    cp -R "$code/$PRISMA_SCHEMA/." "$bundle/prisma/"
    schema=prisma
  else
    cp "$code/$PRISMA_SCHEMA" "$bundle/prisma/"
    schema="prisma/$(basename "$PRISMA_SCHEMA")"
  fi
  rm -rf "$bundle/prisma/migrations"
  cp -R "$code/$PRISMA_MIGRATIONS" "$bundle/prisma/migrations"
  node -e 'const [prisma, schema, urlVariable, engine] = process.argv.slice(1);
    console.log(JSON.stringify({ prisma, schema, migrations: "prisma/migrations", urlVariable, engine }))' \
    "$version" "$schema" "$DATABASE_URL_VARIABLE" "$engine" >"$bundle/manifest.json"
  bundle_key="migrations/$COMMIT.tgz"
  tar --create --gzip --file "$bundle.tgz" --directory "$bundle" .
  aws s3 cp --no-progress "$bundle.tgz" "s3://$ARTIFACT_BUCKET/$bundle_key"
fi

printf 'IMAGE_URI=%q\nBUNDLE_KEY=%q\n' "$image" "$bundle_key" >"$results"
