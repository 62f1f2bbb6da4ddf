//! Sources, builds and images.

use super::BUILDS;
use crate::FixClass;
use crate::catalogue::Row;

/// Sources, builds and images.
pub(crate) const BUILD: &[Row] = &[
    Row {
        code: "codebuild-zero-concurrency",
        class: FixClass::Account,
        kinds: BUILDS,
        pattern: r"Cannot have more than 0 builds in queue",
        meaning: "AWS has not unlocked builds for this account yet, which is common for new accounts.",
        fix: "Open a case with AWS Support (account and billing) and quote the message; then start the pipeline again.",
    },
    Row {
        code: "connection-not-available",
        class: FixClass::Account,
        kinds: BUILDS,
        pattern: r"not in (?:an )?AVAILABLE state|is not available for use|Could not access the .{0,80}repository|ConnectionStatus\W+PENDING|connection.{0,40}\bPENDING\b",
        meaning: "The connection to the source host is not finished, or may not see this repository.",
        fix: "Finish the connection in the AWS console and give it access to the repository; at GitHub the owner of the organization has to agree.",
    },
    Row {
        code: "source-branch-missing",
        class: FixClass::Code,
        kinds: BUILDS,
        pattern: r"no branch named (\S+)|Unable to use Connection",
        meaning: "The branch does not exist, or the connection may not use it.",
        fix: "Choose the branch again and deploy.",
    },
    Row {
        code: "infra-zip-missing",
        class: FixClass::Settings,
        kinds: BUILDS,
        pattern: r"object with key .*infra\.zip.* does not exist|versioning is not enabled",
        meaning: "The infrastructure was not uploaded before the pipeline looked for it.",
        fix: "Deploy again; the app uploads it and starts the pipeline.",
    },
    Row {
        code: "buildspec-not-found",
        class: FixClass::Settings,
        kinds: BUILDS,
        pattern: r"YAML file does not exist|DOWNLOAD_SOURCE.*buildspec|buildspec\S* (?:not found|does not exist)",
        meaning: "The build does not find its instructions in the infrastructure.",
        fix: "Deploy again, which restores them.",
    },
    Row {
        code: "lockfile-out-of-sync",
        class: FixClass::Code,
        kinds: BUILDS,
        pattern: r"can only install packages when your package\.json and package-lock\.json.*in sync|ERR_PNPM_OUTDATED_LOCKFILE|YN0028|lockfile needs to be updated|lockfile had changes, but lockfile is frozen",
        meaning: "The lockfile does not fit package.json.",
        fix: "Run the install on your computer, commit the lockfile and push.",
    },
    Row {
        code: "install-scripts-blocked",
        class: FixClass::Code,
        kinds: BUILDS,
        pattern: r"install scripts blocked|not covered by allowScripts|Ignored build scripts",
        meaning: "The package manager did not run the install scripts of a dependency that needs them.",
        fix: "Allow the scripts of that package in package.json, commit and push.",
    },
    Row {
        code: "build-out-of-memory",
        class: FixClass::Settings,
        kinds: BUILDS,
        pattern: r"JavaScript heap out of memory|exit (?:status|code):? 137|^Killed\s*$|\bKilled\b.*(?:137|build)",
        meaning: "The build needed more memory than its machine has.",
        fix: "Choose a larger build machine, or set NODE_OPTIONS=--max-old-space-size.",
    },
    Row {
        code: "docker-daemon-unavailable",
        class: FixClass::Settings,
        kinds: BUILDS,
        pattern: r"Cannot connect to the Docker daemon",
        meaning: "The build may not use Docker.",
        fix: "Deploy again, which restores the privileged mode of the image build.",
    },
    Row {
        code: "registry-pull-rate-limit",
        class: FixClass::Settings,
        kinds: BUILDS,
        pattern: r"toomanyrequests: (?:Rate exceeded|You have reached your (?:unauthenticated )?pull rate limit)|You have reached your (?:unauthenticated )?pull rate limit",
        meaning: "The registry of a base image refuses more anonymous downloads for now.",
        fix: "Start the pipeline again later, or take base images from public.ecr.aws.",
    },
    Row {
        code: "ecr-tag-immutable",
        class: FixClass::Settings,
        kinds: BUILDS,
        pattern: r"cannot be overwritten because the (?:tag|repository) is immutable",
        meaning: "The image of this commit exists already.",
        fix: "Start the pipeline again; the build takes the image that exists.",
    },
];
