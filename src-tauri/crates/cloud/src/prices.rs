//! What AWS's own price list says about the resources of a plan.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use specta::Type;
use zonke_plan::{FreshPrices, FreshUnit, Inputs, PriceQuestion, price_questions};

use crate::error::{CloudError, Result};
use crate::infra::planning;
use crate::query::{JsonApi, ask_json};
use crate::session::Session;
use crate::time::today;

/// The price list is asked in one of its few regions, whatever region the prices are of.
const PRICING: JsonApi = JsonApi {
    name: "Pricing",
    id: "pricing",
    target: "AWSPriceListService",
    home: Some(("https://api.pricing.us-east-1.amazonaws.com", "us-east-1")),
};
/// Most products of one answer, and the pages after which an answer is taken for too wide.
const PAGE: u32 = 100;
const MOST_PAGES: usize = 20;

/// What became of asking for prices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct PriceRefresh {
    /// What is known of the region now: what was read, and what was known before and not asked for.
    pub prices: FreshPrices,
    /// How many unit prices were read.
    pub read: u32,
    /// Unit prices that the answers did not have, or not unambiguously. For these the bundled table stays.
    pub missing: Vec<String>,
}

/// Asks the price list for the unit prices of a plan. Nothing is half known: an error leaves what was `known` as it was.
///
/// # Errors
/// The inputs cannot be planned, the account is the practice account, `pricing:GetProducts` is not allowed, or AWS cannot be reached.
pub async fn refresh_prices(session: &Session, inputs: &Inputs, known: Option<FreshPrices>) -> Result<PriceRefresh> {
    if session.account().practice {
        return Err(CloudError::invalid(
            "The practice account has no price list.",
            "Connect an AWS account to refresh prices; until then the bundled table counts.",
        ));
    }
    ask_all(session, inputs, known).await
}

async fn ask_all(session: &Session, inputs: &Inputs, known: Option<FreshPrices>) -> Result<PriceRefresh> {
    let region = inputs.choices.region.clone();
    let questions = price_questions(inputs).map_err(|error| planning(&error))?;
    let mut prices = known.filter(|k| k.region == region).unwrap_or_default();
    prices.region = region;
    let (date, mut read, mut missing) = (today(), 0, Vec::new());
    // One after the other: the list answers few requests a second.
    for question in &questions {
        let found = question.read(&products(session, question).await?);
        missing.extend(question.names().filter(|name| !found.contains_key(*name)).map(str::to_owned));
        for (name, usd) in found {
            read += 1;
            prices.units.insert(name, FreshUnit { usd, date: date.clone() });
        }
    }
    Ok(PriceRefresh { prices, read, missing })
}

/// Every product that a question fits.
async fn products(session: &Session, question: &PriceQuestion) -> Result<Vec<String>> {
    let filters: Vec<Value> = question
        .attributes
        .iter()
        .map(|(name, value)| json!({ "Type": "TERM_MATCH", "Field": name, "Value": value }))
        .collect();
    let mut body = json!({ "ServiceCode": question.service, "Filters": filters, "FormatVersion": "aws_v1", "MaxResults": PAGE });
    let mut products = Vec::new();
    for _ in 0..MOST_PAGES {
        let answer = ask_json(session, PRICING, "GetProducts", &body).await?;
        let list = answer.get("PriceList").and_then(Value::as_array);
        products.extend(list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
        match answer.get("NextToken").and_then(Value::as_str) {
            Some(next) => body["NextToken"] = next.into(),
            None => break,
        }
    }
    Ok(products)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use zonke_plan::{Choices, plan_priced};

    use super::*;
    use crate::audit::AuditLog;
    use crate::error::ErrorCode;
    use crate::testing::{Request, Server};

    fn inputs() -> Inputs {
        let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/guestbook");
        let findings = zonke_project::inspect(&example).unwrap();
        let mut choices = Choices::suggested(&findings);
        choices.region = "eu-west-1".to_owned();
        Inputs::new(findings, Some(choices))
    }

    /// A product as `GetProducts` writes it.
    fn product(usage: &str, steps: &[(&str, &str)]) -> String {
        let dimensions: serde_json::Map<String, Value> = steps
            .iter()
            .enumerate()
            .map(|(at, (begin, usd))| {
                let step = json!({ "unit": "Hrs", "endRange": "Inf", "beginRange": begin, "pricePerUnit": { "USD": usd } });
                (format!("SKU.JRTCKXETXF.{at}"), step)
            })
            .collect();
        json!({
            "product": { "productFamily": "x", "attributes": { "regionCode": "eu-west-1", "usagetype": usage }, "sku": "SKU" },
            "serviceCode": "x",
            "terms": { "OnDemand": { "SKU.JRTCKXETXF": { "priceDimensions": dimensions, "sku": "SKU", "termAttributes": {} } } },
        })
        .to_string()
    }

    fn answer(request: &Request) -> (u16, &'static str, String) {
        assert!(
            request.head.contains("x-amz-target: awspricelistservice.getproducts"),
            "{}",
            request.head
        );
        assert!(request.head.contains("/us-east-1/pricing/aws4_request"), "{}", request.head);
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let list = match body["ServiceCode"].as_str().unwrap() {
            // The second page has what the first one lacks.
            "AmazonECS" if body.get("NextToken").is_none() => {
                let page = json!({ "FormatVersion": "aws_v1", "NextToken": "more", "PriceList": [product("EU-Fargate-vCPU-Hours:perCPU", &[("0", "0.0500000000")])] });
                return (200, "", page.to_string());
            }
            "AmazonECS" => vec![
                product("EU-Fargate-GB-Hours", &[("0", "0.0050000000")]),
                product("EU-Fargate-ARM-vCPU-Hours:perCPU", &[("0", "0.0400000000")]),
                product("EU-Fargate-ARM-GB-Hours", &[("0", "0.0040000000")]),
            ],
            "AWSELB" => vec![
                product("EU-LoadBalancerUsage", &[("0", "0.0300000000")]),
                product("EU-TS-LoadBalancerUsage", &[("0", "9.0000000000")]),
                // Two prices for the same words: neither can be believed.
                product("EU-LCUUsage", &[("0", "0.0080000000")]),
                product("EU-LCUUsage", &[("0", "0.0090000000")]),
            ],
            "AmazonS3" => vec![product(
                "EU-TimedStorage-ByteHrs",
                &[("51200", "0.0220000000"), ("0", "0.0240000000")],
            )],
            _ => Vec::new(),
        };
        (200, "", json!({ "FormatVersion": "aws_v1", "PriceList": list }).to_string())
    }

    #[tokio::test]
    async fn a_plan_shows_what_the_price_list_told_and_what_it_did_not() {
        let server = Server::answering(answer).await;
        let inputs = inputs();
        let refreshed = ask_all(&server.session(&AuditLog::off()), &inputs, None).await.unwrap();
        assert!(
            refreshed.missing.contains(&"balancer_unit".to_owned()),
            "{:?}",
            refreshed.missing
        );
        assert!((refreshed.prices.units["fargate_arm_vcpu"].usd - 0.04).abs() < 1e-9);
        assert!((refreshed.prices.units["storage_gb"].usd - 0.024).abs() < 1e-9);

        let price = plan_priced(&inputs, Some(&refreshed.prices)).unwrap().price;
        let line = |id: &str| price.lines.iter().find(|l| l.id == id).unwrap();
        let servers = line("servers");
        assert_eq!((&servers.bundled, &servers.fresh), (&None, &Some(today())));
        assert!(servers.formula.contains("× 0.04 USD"), "{}", servers.formula);
        let balancer = line("load-balancer");
        assert!(balancer.bundled.is_some() && balancer.fresh.is_some(), "{balancer:?}");
        assert!(balancer.formula.contains("× 0.03 USD"), "{}", balancer.formula);
        let secrets = line("secrets");
        assert!(secrets.bundled.is_some() && secrets.fresh.is_none(), "{secrets:?}");
        assert!(!price.confirmed);
    }

    #[tokio::test]
    async fn only_what_the_plan_uses_is_asked_for_in_its_region() {
        let server = Server::answering(answer).await;
        let mut inputs = inputs();
        inputs.choices.database = zonke_plan::Database::None;
        ask_all(&server.session(&AuditLog::off()), &inputs, None).await.unwrap();
        let bodies: Vec<Value> = server
            .requests()
            .iter()
            .map(|r| serde_json::from_str(&r.body).unwrap())
            .collect();
        assert!(!bodies.is_empty());
        for body in &bodies {
            assert_eq!(
                body["Filters"][0],
                json!({ "Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-west-1" })
            );
            assert_ne!(body["ServiceCode"], "AmazonRDS");
        }
    }

    #[tokio::test]
    async fn a_refusal_in_the_middle_leaves_no_half_known_prices() {
        static ASKED: AtomicBool = AtomicBool::new(false);
        let server = Server::answering(|request| {
            if ASKED.swap(true, Ordering::Relaxed) {
                let message = json!({ "message": "User: x is not authorized to perform: pricing:GetProducts" });
                return (400, "x-amzn-errortype: AccessDeniedException\r\n", message.to_string());
            }
            answer(request)
        })
        .await;
        let error = ask_all(&server.session(&AuditLog::off()), &inputs(), None).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::AccessDenied, "{error:?}");
    }

    #[tokio::test]
    async fn the_practice_account_is_not_asked() {
        let server = Server::answering(answer).await;
        let error = refresh_prices(&server.session(&AuditLog::off()), &inputs(), None)
            .await
            .unwrap_err();
        assert!(error.message.contains("practice account"), "{error:?}");
        assert!(server.requests().is_empty());
    }
}
