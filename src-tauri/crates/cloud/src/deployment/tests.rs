//! What a person sees of a deployment, from what AWS says.

use super::*;
use crate::error::ErrorCode;
use crate::view::{ActionView, ExecutionView, StageView};

fn event(at: f64, id: &str, status: &str, reason: Option<&str>) -> Event {
    Event {
        id: format!("{id}-{status}-{at}"),
        at,
        logical_id: id.to_owned(),
        resource_type: if id.starts_with("shop-") {
            "AWS::CloudFormation::Stack".to_owned()
        } else {
            format!("AWS::Test::{id}")
        },
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        of_stack: id.starts_with("shop-"),
    }
}

fn stack(role: StackRole, status: &str, events: Vec<Event>) -> StackFacts {
    let name = stack_name("shop", role);
    StackFacts {
        role,
        state: StackState {
            id: format!("arn:{name}"),
            name,
            status: status.to_owned(),
            ..StackState::default()
        },
        events,
    }
}

fn done(role: StackRole) -> StackFacts {
    let name = stack_name("shop", role);
    let events = vec![
        event(1.0, &name, "CREATE_IN_PROGRESS", None),
        event(9.0, &name, "CREATE_COMPLETE", None),
    ];
    stack(role, "CREATE_COMPLETE", events)
}

fn execution(id: &str, state: WorkState, started_at: f64) -> ExecutionView {
    ExecutionView {
        id: id.to_owned(),
        state,
        trigger: "A commit".to_owned(),
        commit: None,
        message: None,
        started_at: Some(started_at),
        updated_at: None,
    }
}

fn pipeline(state: WorkState, failed: Option<&str>) -> PipelineView {
    let action = ActionView {
        name: "Api".to_owned(),
        description: "Build the server image".to_owned(),
        state,
        detail: failed.map(str::to_owned),
        updated_at: None,
    };
    let execution = execution("e1", state, 100.0);
    PipelineView {
        name: "shop".to_owned(),
        stages: vec![StageView {
            name: "Build".to_owned(),
            state,
            outdated: false,
            actions: vec![action],
        }],
        history: vec![execution.clone()],
        execution: Some(execution),
    }
}

fn facts(stacks: Vec<StackFacts>, pipeline: Option<PipelineView>) -> Facts {
    Facts {
        app: "shop".to_owned(),
        stacks,
        pipeline,
        uploaded: Some(true),
        now: 1000.0,
        ..Facts::default()
    }
}

#[test]
fn an_application_that_does_not_exist_is_absent() {
    let view = fold(&facts(Vec::new(), None));
    assert_eq!((view.phase, view.outcome), (DeploymentPhase::Absent, None));
}

#[test]
fn resources_stand_in_the_order_they_began_with_their_own_times() {
    let events = vec![
        event(1.0, "shop-base", "CREATE_IN_PROGRESS", Some("User Initiated")),
        event(2.0, "Network", "CREATE_IN_PROGRESS", None),
        event(3.0, "Bucket", "CREATE_IN_PROGRESS", None),
        event(4.0, "Network", "CREATE_IN_PROGRESS", Some("Resource creation Initiated")),
        event(5.0, "Bucket", "CREATE_COMPLETE", None),
    ];
    let rows = fold(&facts(vec![stack(StackRole::Base, "CREATE_IN_PROGRESS", events)], None))
        .stacks
        .remove(0)
        .resources;
    let short: Vec<_> = rows
        .iter()
        .map(|r| (r.logical_id.as_str(), r.state, r.started_at, r.ended_at, r.reason.as_deref()))
        .collect();
    assert_eq!(
        short,
        [
            ("Network", WorkState::Running, 2.0, None, None),
            ("Bucket", WorkState::Succeeded, 3.0, Some(5.0), None)
        ],
        "a row for the stack itself, or AWS's small talk as a reason, would be wrong"
    );
}

fn rolled_back() -> StackFacts {
    let events = vec![
        event(200.0, "shop-base", "CREATE_IN_PROGRESS", Some("User Initiated")),
        event(201.0, "Network", "CREATE_IN_PROGRESS", None),
        event(202.0, "Address", "CREATE_IN_PROGRESS", None),
        event(203.0, "Database", "CREATE_IN_PROGRESS", None),
        event(204.0, "Network", "CREATE_COMPLETE", None),
        event(205.0, "Database", "CREATE_FAILED", Some("Resource creation cancelled")),
        event(
            206.0,
            "Address",
            "CREATE_FAILED",
            Some("The maximum number of addresses has been reached."),
        ),
        event(
            207.0,
            "shop-base",
            "ROLLBACK_IN_PROGRESS",
            Some("The following resource(s) failed to create: [Database, Address]. Rollback requested by user."),
        ),
        event(208.0, "Address", "DELETE_IN_PROGRESS", None),
        event(209.0, "Address", "DELETE_COMPLETE", None),
        event(210.0, "Network", "DELETE_IN_PROGRESS", None),
        event(
            211.0,
            "Network",
            "DELETE_FAILED",
            Some("has dependencies and cannot be deleted"),
        ),
    ];
    stack(StackRole::Base, "ROLLBACK_FAILED", events)
}

#[test]
fn the_first_specific_failure_is_named_and_explained_not_its_consequences() {
    let facts = facts(
        vec![done(StackRole::Pipeline), rolled_back()],
        Some(pipeline(WorkState::Failed, Some("Stack creation failed"))),
    );
    let view = fold(&facts);
    assert_eq!(view.phase, DeploymentPhase::Failed);
    let outcome = view.outcome.unwrap();
    let failure = outcome.failure.unwrap();
    assert_eq!(outcome.hint, failure.fix);
    assert_eq!(failure.what, "Address");
    assert_eq!(failure.reason, "The maximum number of addresses has been reached.");
    assert!(failure.fix.contains("quota"), "{}", failure.fix);
    assert!(
        failure
            .fix
            .ends_with("Deploying again first removes what is left of `shop-base`."),
        "{}",
        failure.fix
    );
}

#[test]
fn the_removal_of_what_is_left_is_told() {
    let mut facts = facts(
        vec![done(StackRole::Pipeline), rolled_back()],
        Some(pipeline(WorkState::Failed, None)),
    );
    facts.work = Some(Work::Going);
    let view = fold(&facts);
    assert_eq!((view.phase, view.outcome), (DeploymentPhase::Running, None));
    assert_eq!(view.steps[0].detail, "Removing what is left of `shop-base`");
}

#[test]
fn what_failed_stays_marked_while_the_rest_is_undone() {
    let rows = fold(&facts(vec![rolled_back()], None)).stacks.remove(0).resources;
    let state = |id: &str| rows.iter().find(|r| r.logical_id == id).map(|r| r.state);
    assert_eq!(state("Address"), Some(WorkState::Failed));
    assert_eq!(state("Database"), Some(WorkState::Skipped));
    assert_eq!(state("Network"), Some(WorkState::Failed), "it could not be undone");
}

#[test]
fn an_old_failure_of_a_stack_does_not_explain_a_new_one_of_a_build() {
    let mut old = rolled_back();
    old.events.iter_mut().for_each(|e| e.at -= 200_000.0);
    let mut run = pipeline(WorkState::Failed, Some("Cannot connect to the Docker daemon"));
    run.execution.as_mut().unwrap().started_at = Some(150_000.0);
    let failure = fold(&facts(vec![done(StackRole::Pipeline), old], Some(run)))
        .outcome
        .unwrap()
        .failure
        .unwrap();
    assert_eq!(failure.what, "Build/Api");
    assert!(failure.meaning.contains("Docker"), "{}", failure.meaning);
}

#[test]
fn a_pipeline_stack_without_uploaded_infrastructure_is_interrupted_unless_this_process_is_about_to_upload_it() {
    let mut facts = facts(vec![done(StackRole::Pipeline)], Some(pipeline(WorkState::Failed, None)));
    facts.uploaded = Some(false);
    assert_eq!(fold(&facts).phase, DeploymentPhase::Interrupted);
    facts.work = Some(Work::Going);
    let view = fold(&facts);
    assert_eq!(view.phase, DeploymentPhase::Running);
    assert!(
        view.steps.iter().skip(1).all(|s| s.state == WorkState::Waiting),
        "stages of the older execution must not show: {:?}",
        view.steps
    );
}

#[test]
fn the_execution_that_was_just_started_counts_as_running_until_aws_lists_it() {
    let mut facts = facts(vec![done(StackRole::Pipeline)], Some(pipeline(WorkState::Succeeded, None)));
    facts.work = Some(Work::HandedOver {
        execution: "e2".to_owned(),
        at: 900.0,
    });
    assert_eq!(fold(&facts).phase, DeploymentPhase::Running);
    facts.now += 120_000.0;
    assert_eq!(
        fold(&facts).phase,
        DeploymentPhase::Succeeded,
        "what AWS never lists must not be waited for forever"
    );
    facts.work = Some(Work::HandedOver {
        execution: "e1".to_owned(),
        at: facts.now,
    });
    assert_eq!(fold(&facts).phase, DeploymentPhase::Succeeded);
}

#[test]
fn an_upload_that_failed_is_the_failure_until_somebody_starts_the_pipeline_again() {
    let error = CloudError::new(ErrorCode::AccessDenied, "Could not upload.", "Ask for the right.");
    let mut facts = facts(vec![done(StackRole::Pipeline)], Some(pipeline(WorkState::Succeeded, None)));
    facts.work = Some(Work::Failed { error, at: 500.0 });
    let outcome = fold(&facts).outcome.unwrap();
    assert_eq!(outcome.failure.unwrap().reason, "Could not upload.");
    let newer = execution("e2", WorkState::Running, 600.0);
    let run = facts.pipeline.as_mut().unwrap();
    run.history.insert(0, newer.clone());
    run.execution = Some(newer);
    assert_eq!(fold(&facts).phase, DeploymentPhase::Running);
}

#[test]
fn success_names_the_site() {
    let mut base = done(StackRole::Base);
    base.state
        .outputs
        .insert("SiteUrl".to_owned(), "https://d1.cloudfront.net".to_owned());
    let view = fold(&facts(
        vec![done(StackRole::Pipeline), base, done(StackRole::Service)],
        Some(pipeline(WorkState::Succeeded, None)),
    ));
    assert_eq!(view.phase, DeploymentPhase::Succeeded);
    assert_eq!(view.outcome.unwrap().site_url.as_deref(), Some("https://d1.cloudfront.net"));
}

#[test]
fn a_delta_holds_only_what_changed_and_rebuilds_the_new_view() {
    let before = vec![
        event(1.0, "shop-base", "CREATE_IN_PROGRESS", None),
        event(2.0, "A", "CREATE_IN_PROGRESS", None),
        event(2.0, "B", "CREATE_IN_PROGRESS", None),
    ];
    let mut after = before.clone();
    after.push(event(3.0, "A", "CREATE_COMPLETE", None));
    after.push(event(3.0, "C", "CREATE_IN_PROGRESS", None));
    let view = |events| {
        fold(&facts(
            vec![
                done(StackRole::Pipeline),
                stack(StackRole::Base, "CREATE_IN_PROGRESS", events),
            ],
            None,
        ))
    };
    let (old, new) = (view(before), view(after));
    let delta = delta(&old, &new).unwrap();
    assert_eq!(delta.stacks.len(), 1);
    let ids: Vec<_> = delta.stacks[0].resources.iter().map(|r| r.logical_id.as_str()).collect();
    assert_eq!(ids, ["A", "C"]);
    let mut rebuilt = old;
    for row in delta.stacks[0].resources.clone() {
        let rows = &mut rebuilt.stacks[1].resources;
        match rows.iter_mut().find(|r| r.logical_id == row.logical_id) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }
    assert_eq!(rebuilt.stacks, new.stacks);
}

#[test]
fn a_new_operation_on_a_stack_needs_a_whole_view() {
    let first = vec![
        event(1.0, "shop-base", "CREATE_IN_PROGRESS", None),
        event(2.0, "A", "CREATE_COMPLETE", None),
    ];
    let second = vec![
        event(5.0, "shop-base", "UPDATE_IN_PROGRESS", None),
        event(6.0, "B", "UPDATE_IN_PROGRESS", None),
    ];
    let view = |status: &str, events| fold(&facts(vec![stack(StackRole::Base, status, events)], None));
    assert_eq!(
        delta(&view("CREATE_COMPLETE", first), &view("UPDATE_IN_PROGRESS", second)),
        None
    );
}

#[test]
fn types_without_a_description_are_named_in_plain_words() {
    for (kind, words) in [
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer"),
        ("AWS::EC2::VPC", "VPC"),
        ("AWS::EC2::VPCGatewayAttachment", "VPC gateway attachment"),
        ("AWS::RDS::DBInstance", "DB instance"),
        ("AWS::IAM::Role", "role"),
    ] {
        assert_eq!(plain_type(kind), words);
    }
}
