//! Answers to a browser or a probe.

use super::ANSWERS;
use crate::FixClass;
use crate::catalogue::Row;

/// Answers to a browser or a probe.
pub(crate) const HTTP: &[Row] = &[
    Row {
        code: "http-504-origin-timeout",
        class: FixClass::Settings,
        kinds: ANSWERS,
        pattern: r"\b504\b",
        meaning: "CloudFront gets no answer from the load balancer: a firewall refuses it, or the API takes longer than a minute.",
        fix: "Check the load balancer's rule for CloudFront; let long work run in the background.",
    },
    Row {
        code: "http-503-no-healthy-target",
        class: FixClass::Code,
        kinds: ANSWERS,
        pattern: r"\b503\b",
        meaning: "No healthy server answers behind the load balancer.",
        fix: "Look at the servers: why they stopped, or why their health check fails.",
    },
    Row {
        code: "http-502-origin-connection",
        class: FixClass::Code,
        kinds: ANSWERS,
        pattern: r"\b502\b|ECONNRESET",
        meaning: "The server closed the connection that the load balancer was using.",
        fix: "Keep the server's keep-alive time above the load balancer's; the image of the app does so unless the code changes it.",
    },
    Row {
        code: "http-403-origin-secret-mismatch",
        class: FixClass::Settings,
        kinds: ANSWERS,
        pattern: r"\b403\b.*\bForbidden\b",
        meaning: "The load balancer refuses CloudFront: the secret header differs between the two.",
        fix: "Deploy again, which writes the same secret to both.",
    },
    Row {
        code: "spa-fallback-on-api",
        class: FixClass::Settings,
        kinds: ANSWERS,
        pattern: r"(?:/api|API)\b.*(?:index\.html|<!doctype html|text/html)",
        meaning: "The API answers with the page of the user interface: an error page was set for the whole distribution.",
        fix: "Remove custom error pages from the distribution; unknown pages are handled for the user interface alone.",
    },
];
