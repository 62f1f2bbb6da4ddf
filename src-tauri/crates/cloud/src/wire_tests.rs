//! What goes over the wire and what comes back: errors in words, the audit log, EC2's query protocol.

use crate::access::Access;
use crate::audit::{AuditEntry, AuditLog};
use crate::error::ErrorCode;
use crate::testing::Server;
use crate::view::AccountTarget;
use crate::{Session, ec2, stacks};

fn entries(path: &std::path::Path) -> Vec<AuditEntry> {
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[tokio::test]
async fn errors_of_every_protocol_become_the_same_words() {
    let query = |code: &str| {
        format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>Because.</Message></Error><RequestId>r-7</RequestId></ErrorResponse>"
        )
    };
    for (aws, code, reason) in [
        ("ExpiredToken", ErrorCode::CredentialsExpired, "the session is over"),
        (
            "InvalidClientTokenId",
            ErrorCode::CredentialsInvalid,
            "does not know this access key",
        ),
        ("AccessDenied", ErrorCode::AccessDenied, "Because"),
        ("Throttling", ErrorCode::Throttled, "Because"),
    ] {
        let server = Server::answering(move |_| (400, "x-amzn-requestid: r-7\r\n", query(aws))).await;
        let session = server.session(&AuditLog::off());
        let xml = stacks::describe(&session, "shop-base").await.unwrap_err();
        assert_eq!((xml.code, xml.request_id.as_deref()), (code, Some("r-7")), "{aws}");
        assert!(
            xml.message.contains("shop-base") && xml.message.contains(reason),
            "{}",
            xml.message
        );
    }
    let server = Server::answering(|_| {
        (
            400,
            "x-amzn-errortype: ThrottlingException\r\n",
            "{\"message\":\"Rate exceeded\"}".to_owned(),
        )
    })
    .await;
    let json = crate::servers::service(&server.session(&AuditLog::off()), "shop")
        .await
        .unwrap_err();
    assert_eq!((json.code, json.retryable), (ErrorCode::Throttled, true));
    assert!(server.requests().len() > 1, "throttling is tried again before it is told");
}

#[tokio::test]
async fn a_stack_that_does_not_exist_is_no_error() {
    let body = "<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></ErrorResponse>";
    let server = Server::answering(|_| (400, "", body.to_owned())).await;
    assert_eq!(stacks::describe(&server.session(&AuditLog::off()), "x").await.unwrap(), None);
}

#[tokio::test]
async fn nobody_there_is_a_network_problem_that_may_pass() {
    let error = stacks::describe(&crate::testing::session(), "x").await.unwrap_err();
    assert_eq!((error.code, error.retryable), (ErrorCode::Network, true));
}

#[tokio::test]
async fn every_request_is_in_the_audit_log_and_no_value_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logs/audit.jsonl");
    let server = Server::answering(|request| {
        if request.head.contains("getsecretvalue") {
            return (
                400,
                "x-amzn-errortype: ResourceNotFoundException:http://x\r\nx-amzn-requestid: r-2\r\n",
                "{}".to_owned(),
            );
        }
        (
            200,
            "x-amzn-requestid: r-1\r\n",
            "{\"ARN\":\"arn\",\"Name\":\"shop/app\",\"VersionId\":\"v\"}".to_owned(),
        )
    })
    .await;
    let session = server.session(&AuditLog::at(&file));
    let secrets = &session.0.secrets;
    secrets
        .put_secret_value()
        .secret_id("shop/app")
        .secret_string("canary-value")
        .send()
        .await
        .unwrap();
    secrets.get_secret_value().secret_id("shop/app").send().await.unwrap_err();
    session
        .0
        .s3
        .put_object()
        .bucket("bucket")
        .key("infra/infra.zip")
        .body(b"canary-body".to_vec().into())
        .send()
        .await
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("canary"), "{text}");
    let lines: Vec<_> = entries(&file)
        .into_iter()
        .map(|e| {
            [
                e.service,
                e.operation,
                e.resource.unwrap_or_default(),
                e.request_id.unwrap_or_default(),
                e.result,
            ]
            .join(" | ")
        })
        .collect();
    assert_eq!(
        lines,
        [
            "Secrets Manager | PutSecretValue | shop/app | r-1 | ok",
            "Secrets Manager | GetSecretValue | shop/app | r-2 | ResourceNotFoundException",
            "S3 | PutObject | bucket/infra/infra.zip | r-1 | ok",
        ]
    );
}

#[tokio::test]
async fn ec2_is_asked_with_a_signature_and_its_answer_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit.jsonl");
    let server = Server::answering(|request| {
        let item = |name: &str| format!("<item><zoneName>{name}</zoneName><zoneState>available</zoneState></item>");
        let body = if request.body.contains("DescribeAvailabilityZones") {
            format!("<DescribeAvailabilityZonesResponse><availabilityZoneInfo>{}{}{}</availabilityZoneInfo></DescribeAvailabilityZonesResponse>", item("eu-west-1c"), item("eu-west-1a"), item("eu-west-1b"))
        } else {
            "<DescribeManagedPrefixListsResponse><prefixListSet/></DescribeManagedPrefixListsResponse>".to_owned()
        };
        (200, "", body)
    })
    .await;
    let session = server.session(&AuditLog::at(&file));
    assert_eq!(ec2::zones(&session).await.unwrap(), ["eu-west-1a", "eu-west-1b"]);
    let missing = ec2::cloudfront_prefix_list(&session).await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
    let requests = server.requests();
    assert!(
        requests[0]
            .head
            .contains("authorization: aws4-hmac-sha256 credential=akiapractice/")
            && requests[0].head.contains("/eu-west-1/ec2/aws4_request")
    );
    assert!(
        requests[1]
            .body
            .contains("Filter.1.Value.1=com.amazonaws.global.cloudfront.origin-facing"),
        "{}",
        requests[1].body
    );
    assert_eq!(entries(&file).len(), 2);
}

#[tokio::test]
async fn ec2_errors_become_words_too() {
    let body = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform this operation.</Message></Error></Errors></Response>";
    let server = Server::answering(|_| (403, "", body.to_owned())).await;
    let error = ec2::zones(&server.session(&AuditLog::off())).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::AccessDenied);
    assert!(error.message.contains("not authorized"), "{}", error.message);
}

fn identity(arn: &str) -> String {
    format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
}

#[tokio::test]
async fn a_session_says_who_we_are_and_never_prints_a_key() {
    let server = Server::answering(|_| (200, "", identity("arn:aws:iam::111122223333:user/ada"))).await;
    let session = Session::connect(
        &AccountTarget::Practice,
        Access::to_practice(&server.endpoint()),
        AuditLog::off(),
    )
    .await
    .unwrap();
    assert_eq!(
        (session.account().account_id.as_str(), session.account().root),
        ("111122223333", false)
    );
    assert!(!format!("{session:?} {:?}", server.endpoint()).contains("canary"));
}

#[tokio::test]
async fn the_root_user_may_look_but_not_change_anything() {
    let mut session = Server::answering(|_| (200, "", String::new()))
        .await
        .session(&AuditLog::off());
    session = session.as_root();
    let refused = crate::pipeline_start(&session, "shop").await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::RootRefused);
    assert_eq!(
        crate::scale(&session, "shop", 1, 1).await.unwrap_err().code,
        ErrorCode::RootRefused
    );
    assert_eq!(
        crate::secret_delete(&session, "shop", "A").await.unwrap_err().code,
        ErrorCode::RootRefused
    );
    assert_eq!(
        crate::secret_put(&session, "shop", "A", "b".into()).await.unwrap_err().code,
        ErrorCode::RootRefused
    );
}
