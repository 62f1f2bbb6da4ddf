#!/usr/bin/env bash
# Deploys, updates and takes down an application with the AWS CLI alone (version 1.40 or newer, or 2). README.md says how.
# Running it again is safe: what is there already is left as it is.
#
# Usage: ./deploy.sh [deploy|update|teardown] [--take-over] [--yes NAME]
#   deploy     make the application, or bring the one that is there up to date (default)
#   update     bring the application up to date; refuses if there is none
#   teardown   take everything down again; asks for the application's name
#   --take-over  go on although the application was last deployed by Zonké Desktop
#   --yes NAME   the application's name for teardown, where nobody can be asked
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=/dev/null
. ./settings.env

export AWS_PAGER="" AWS_CLI_AUTO_PROMPT=off
# Seconds between two looks at AWS.
pause=${PAUSE:-10}
infra_key=infra/infra.zip

say() { echo "$*" >&2; }
stop() {
  say "error: $1"
  [ $# -lt 2 ] || say "  $2"
  exit 1
}

# Version 1 of the AWS CLI takes the variable for most services, not for RDS; the option counts for all.
cli() { aws --region "$REGION" ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"; }

# One value of an answer; empty when there is none. JSON, because text is queried page by page.
ask() { cli "$@" --output json | sed -e 's/^null$//' -e 's/^"//' -e 's/"$//'; }

# Several values of an answer, one a line.
list() { cli "$@" --output json | sed -n 's/^ *"\(.*\)",\{0,1\}$/\1/p'; }

# --- Stacks -------------------------------------------------------------------------------------------------------------

# Status of a stack, or ABSENT.
status() {
  local answer
  if answer=$(ask cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' 2>&1); then
    echo "$answer"
  elif [[ $answer == *"does not exist"* ]]; then
    echo ABSENT
  else
    stop "the stack $1 cannot be looked at: $answer" "Check that you are signed in (aws sts get-caller-identity)."
  fi
}

output() { ask cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue | [0]"; }

parameter() { ask cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].Parameters[?ParameterKey=='$2'].ParameterValue | [0]"; }

# What AWS said about the resources that failed, first to last.
failures() {
  list cloudformation describe-stack-events --stack-name "$1" \
    --query "reverse(StackEvents[?contains(ResourceStatus, 'FAILED')].join(': ', [LogicalResourceId, ResourceStatusReason || ResourceStatus]))" >&2
}

never_complete() {
  case $1 in
  CREATE_FAILED | ROLLBACK_COMPLETE | ROLLBACK_FAILED | REVIEW_IN_PROGRESS) return 0 ;;
  *) return 1 ;;
  esac
}

# Makes or changes the stack NAME from NAME's template; further arguments are parameters.
deploy_stack() {
  local role=$1 line name parameters=() tags=()
  shift
  name=$APP-$role
  parameters=("$@")
  while IFS= read -r line; do parameters+=("$line"); done <"$role.parameters"
  while IFS= read -r line; do tags+=("$line"); done <"$role.tags"
  if never_complete "$(status "$name")"; then remove_stack "$name"; fi
  say "Deploying the stack $name ..."
  # From here on the arguments are the option with the parameters, which a stack without any does not take.
  set --
  [ "${#parameters[@]}" -eq 0 ] || set -- --parameter-overrides "${parameters[@]}"
  if ! cli cloudformation deploy --stack-name "$name" --template-file "$role.template.yaml" --tags "${tags[@]}" \
    --capabilities CAPABILITY_NAMED_IAM --no-fail-on-empty-changeset "$@" >&2; then
    failures "$name"
    stop "the stack $name was not deployed" "Correct what is named above, then run this again."
  fi
}

# Shows the records that a certificate waits for, as soon as AWS names them, once. Runs beside the deployment of its stack.
show_records() {
  local arn records
  while true; do
    sleep "$pause"
    arn=$(ask cloudformation describe-stack-resources --stack-name "$1" \
      --query "StackResources[?LogicalResourceId=='Certificate' && ResourceStatus=='CREATE_IN_PROGRESS'].PhysicalResourceId | [0]" 2>/dev/null) || continue
    [[ $arn == arn:* ]] || continue
    records=$(list acm describe-certificate --certificate-arn "$arn" \
      --query "Certificate.DomainValidationOptions[?ValidationStatus!='SUCCESS' && ResourceRecord].join(' ', ['  ', ResourceRecord.Name, ResourceRecord.Type, ResourceRecord.Value])" 2>/dev/null) || continue
    [ -n "$records" ] || continue
    say "AWS issues the certificate when it sees these records, for 72 hours. Enter them where the domain's DNS is, unless that is Route 53:"
    sort -u <<<"$records" >&2
    return
  done
}

# Deletes everything in a bucket, in all versions.
empty_bucket() {
  local refused
  while cli s3api list-object-versions --bucket "$1" --max-items 500 --output json \
    --query '{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}' >"$room/objects.json" &&
    grep -q VersionId "$room/objects.json"; do
    refused=$(ask s3api delete-objects --bucket "$1" --delete "file://$room/objects.json" --query 'Errors[0].Message')
    [ -z "$refused" ] || stop "the bucket $1 cannot be emptied: $refused" "Empty it in the AWS console, then run this again."
  done
}

# The physical ids of a stack's resources of one type that exist.
resources() {
  list cloudformation list-stack-resources --stack-name "$1" \
    --query "StackResourceSummaries[?ResourceType=='$2' && ResourceStatus!='DELETE_COMPLETE' && ResourceStatus!='CREATE_FAILED' && PhysicalResourceId].PhysicalResourceId"
}

# Lifts what protects a database, a load balancer and full buckets from deletion.
unprotect() {
  local id protected
  for id in $(resources "$1" AWS::RDS::DBInstance); do
    while protected=$(ask rds describe-db-instances --db-instance-identifier "$id" --query 'DBInstances[0].DeletionProtection') &&
      [ "$protected" = true ]; do
      cli rds modify-db-instance --db-instance-identifier "$id" --no-deletion-protection --apply-immediately >"$room/answer" 2>&1 ||
        grep -q InvalidDBInstanceState "$room/answer" || stop "the database $id stays protected: $(cat "$room/answer")"
      sleep "$pause"
    done
    [ -n "$protected" ] || stop "the database $id cannot be looked at"
  done
  for id in $(resources "$1" AWS::ElasticLoadBalancingV2::LoadBalancer); do
    cli elbv2 modify-load-balancer-attributes --load-balancer-arn "$id" \
      --attributes Key=deletion_protection.enabled,Value=false >/dev/null ||
      stop "the load balancer $id stays protected"
  done
  for id in $(resources "$1" AWS::S3::Bucket); do empty_bucket "$id"; done
}

# Deletes a stack, if it is there, and waits until it is gone.
remove_stack() {
  local name=$1 now attempt
  for attempt in 1 2 3; do
    now=$(status "$name")
    [ "$now" != ABSENT ] || return 0
    say "Deleting the stack $name ..."
    unprotect "$name"
    cli cloudformation delete-stack --stack-name "$name"
    while now=$(status "$name") && [ "$now" = DELETE_IN_PROGRESS ]; do sleep "$pause"; done
    [ "$now" != ABSENT ] || return 0
    # A load balancer may write a last log into a bucket that was empty a moment ago.
    say "The stack $name is still there ($now, attempt $attempt)."
  done
  failures "$name"
  stop "the stack $name was not deleted" "Correct what is named above, then run this again."
}

# --- The account's answers ----------------------------------------------------------------------------------------------

# The connection to the source host, made if there is none; every application of the account shares it. A person finishes it.
connection() {
  local arn now said=no url="https://$REGION.console.aws.amazon.com/codesuite/settings/connections"
  local ours="ConnectionName=='$CONNECTION_NAME'"
  arn=$(ask codeconnections list-connections --provider-type-filter "$CONNECTION_PROVIDER" \
    --query "(Connections[?$ours && ConnectionStatus=='AVAILABLE'] | [0] || Connections[?$ours] | [0]).ConnectionArn")
  if [ -z "$arn" ]; then
    arn=$(ask codeconnections create-connection --provider-type "$CONNECTION_PROVIDER" --connection-name "$CONNECTION_NAME" \
      --tags Key=zonke:shared,Value=true --query ConnectionArn)
  fi
  while now=$(ask codeconnections get-connection --connection-arn "$arn" --query Connection.ConnectionStatus) && [ "$now" != AVAILABLE ]; do
    [ "$said" = yes ] || say "Waiting for you to finish the connection $CONNECTION_NAME: open $url, choose it, then \"Update pending connection\"."
    said=yes
    sleep "$pause"
  done
  [ "$now" = AVAILABLE ] || stop "the connection $CONNECTION_NAME cannot be looked at"
  echo "$arn"
}

# A parameter of the base stack as it is; other zones would replace the subnets.
kept() {
  [ "$base_status" = ABSENT ] || parameter "$APP-base" "$1"
}

find_answers() {
  local zones
  base_status=$(status "$APP-base")
  zone_a=$(kept ZoneA)
  zone_b=$(kept ZoneB)
  if [ -z "$zone_a" ] || [ -z "$zone_b" ]; then
    zones=$(list ec2 describe-availability-zones --filters Name=zone-type,Values=availability-zone Name=state,Values=available \
      --query 'sort(AvailabilityZones[].ZoneName)')
    zone_a=$(sed -n 1p <<<"$zones")
    zone_b=$(sed -n 2p <<<"$zones")
    [ -n "$zone_b" ] || stop "the region $REGION offers this account fewer than two availability zones" "Make the folder anew for another region."
  fi
  prefix_list=$(kept CloudFrontPrefixList)
  if [ -z "$prefix_list" ]; then
    prefix_list=$(ask ec2 describe-managed-prefix-lists \
      --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing --query 'PrefixLists[0].PrefixListId')
    [ -n "$prefix_list" ] || stop "the region $REGION has no prefix list of CloudFront's servers" "Make the folder anew for another region."
  fi
  certificate="" web_acl=""
  if [ -f edge.template.yaml ]; then
    certificate=$(REGION=$EDGE_REGION output "$APP-edge" CertificateArn)
    web_acl=$(REGION=$EDGE_REGION output "$APP-edge" WebAclArn)
  fi
}

# --- Infrastructure and releases ----------------------------------------------------------------------------------------

# Uploads the migration function and the infrastructure with the account's answers in it.
upload() {
  local bucket=$1 file key
  find_answers
  cp -R infra "$room/infra"
  for file in base.json service.json account.json; do
    sed -e "s|@ZONE_A@|$zone_a|" -e "s|@ZONE_B@|$zone_b|" -e "s|@PREFIX_LIST@|$prefix_list|" -e "s|@CONNECTION@|$connection|" \
      -e "s|@BUCKET@|$bucket|" -e "s|@CERTIFICATE@|$certificate|" -e "s|@WEB_ACL@|$web_acl|" "infra/$file" >"$room/infra/$file"
  done
  say "Uploading the infrastructure ..."
  cli s3api put-object --bucket "$bucket" --key "$MIGRATOR_KEY" --body migrator.zip >/dev/null
  # The AWS CLI packs a folder only as the code of a function; nothing is deployed from this template.
  printf 'Resources:\n  Infra:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code: infra\n' >"$room/pack.yaml"
  cli cloudformation package --template-file "$room/pack.yaml" --s3-bucket "$bucket" --s3-prefix tools \
    --output-template-file "$room/packed.yaml" >/dev/null
  key=$(sed -n 's/^ *S3Key: *//p' "$room/packed.yaml")
  cli s3api copy-object --bucket "$bucket" --key "$infra_key" --copy-source "$bucket/$key" \
    --metadata-directive REPLACE --metadata deployed-with=aws-cli >/dev/null
}

# Refuses to write over infrastructure that Zonké Desktop uploaded from other settings: it may know secrets that this folder does not.
refuse_foreign() {
  local answer
  [ "$take_over" = no ] || return 0
  if answer=$(ask s3api head-object --bucket "$1" --key "$infra_key" --query 'Metadata."deployed-with" || Metadata."made-from"' 2>&1); then
    [ "$answer" = aws-cli ] || [ "$answer" = "$MADE_FROM" ] || stop "$APP was last deployed by Zonké Desktop, from other settings" \
      "Secrets that were added there would be taken from the servers. Make this folder anew from the running application, or add --take-over to go on."
  elif [[ $answer != *404* ]]; then
    stop "the infrastructure in the bucket $1 cannot be looked at: $answer"
  fi
}

# Starts a release and follows it to its end.
release() {
  local id now line target seen=""
  id=$(ask codepipeline start-pipeline-execution --name "$APP" --query pipelineExecutionId)
  say "The pipeline $APP runs ($id). It goes on without this computer; leave with Ctrl-C if you like."
  while true; do
    now=$(ask codepipeline get-pipeline-execution --pipeline-name "$APP" --pipeline-execution-id "$id" --query pipelineExecution.status)
    while IFS= read -r line; do
      [[ $seen == *"|$line|"* ]] || say "  $line"
      seen="$seen|$line|"
    done < <(list codepipeline list-action-executions --pipeline-name "$APP" --filter "pipelineExecutionId=$id" \
      --query "reverse(actionExecutionDetails[].join(' ', [stageName, '/', actionName, status]))")
    case $now in
    InProgress | Stopping) sleep "$pause" ;;
    Succeeded) break ;;
    *)
      list codepipeline list-action-executions --pipeline-name "$APP" --filter "pipelineExecutionId=$id" \
        --query "actionExecutionDetails[?status=='Failed'].join(': ', [actionName, output.executionResult.externalExecutionSummary || 'no reason given'])" >&2
      stop "the release ended as $now" "Correct what is named above, then run this again."
      ;;
    esac
  done
  say "$APP is deployed."
  target=$(output "$APP-base" DomainTarget)
  [ -z "$target" ] || say "At your DNS provider, lead the domain to $target: as CNAME, or as ALIAS or ANAME where the name is the domain itself."
  output "$APP-base" SiteUrl
}

deploy() {
  local role bucket now
  now=$(status "$APP-pipeline")
  if [ "$now" = ABSENT ] && [ "$1" = update ]; then
    stop "there is no application $APP in $REGION of this account" "Run ./deploy.sh deploy to make it."
  fi
  [ "$now" = ABSENT ] || never_complete "$now" || refuse_foreign "$(output "$APP-pipeline" ArtifactBucketName)"
  connection=$(connection)
  if [ -f edge.template.yaml ]; then
    REGION=$EDGE_REGION show_records "$APP-edge" &
    showing=$!
    REGION=$EDGE_REGION deploy_stack edge
    kill "$showing" 2>/dev/null || true
    showing=""
  fi
  deploy_stack pipeline "ConnectionArn=$connection"
  # Stacks of a first release that failed can only be made anew.
  for role in service base; do
    if never_complete "$(status "$APP-$role")"; then remove_stack "$APP-$role"; fi
  done
  bucket=$(output "$APP-pipeline" ArtifactBucketName)
  upload "$bucket"
  release
}

teardown() {
  local role going confirmed=$1
  if [ -z "$confirmed" ]; then
    [ -t 0 ] || stop "there is nobody to confirm the teardown" "Add --yes $APP."
    say "This deletes $APP with its database, images and logs in $REGION. A last snapshot of the database stays."
    read -r -p "Type the name of the application to go on: " confirmed
  fi
  [ "$confirmed" = "$APP" ] || stop "$confirmed is not the name of this application" "Nothing was changed."
  if [ "$(status "$APP-pipeline")" != ABSENT ]; then
    going=$(ask codepipeline list-pipeline-executions --pipeline-name "$APP" \
      --query "pipelineExecutionSummaries[?status=='InProgress' || status=='Stopping'] | [0].pipelineExecutionId" 2>/dev/null || true)
    [ -z "$going" ] || stop "a release of $APP is going on" \
      "Wait for its end, or stop it: aws codepipeline stop-pipeline-execution --region $REGION --pipeline-name $APP --pipeline-execution-id $going"
  fi
  # The pipeline stack holds the role with which the others are deleted, so it goes last.
  for role in service base pipeline; do remove_stack "$APP-$role"; done
  if [ -f edge.template.yaml ]; then REGION=$EDGE_REGION remove_stack "$APP-edge"; fi
  say "$APP is gone. The connection $CONNECTION_NAME and snapshots of the database are still there."
}

# --- Arguments ----------------------------------------------------------------------------------------------------------

action=deploy take_over=no yes="" showing=""
while [ $# -gt 0 ]; do
  case $1 in
  deploy | update | teardown) action=$1 ;;
  --take-over) take_over=yes ;;
  --yes)
    [ $# -gt 1 ] || stop "--yes needs the name of the application"
    yes=$2
    shift
    ;;
  -h | --help)
    sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p;}' deploy.sh
    exit 0
    ;;
  *) stop "\`$1\` is not known" "Run ./deploy.sh --help." ;;
  esac
  shift
done
command -v aws >/dev/null || stop "the AWS CLI is not installed" "See https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html."
room=$(mktemp -d)
trap 'rm -rf "$room"; [ -z "$showing" ] || kill "$showing" 2>/dev/null || true' EXIT

if [ "$action" = teardown ]; then teardown "$yes"; else deploy "$action"; fi
