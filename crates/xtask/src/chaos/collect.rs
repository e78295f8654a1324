//! Gathers the evidence: the whole table, the bureau's orders, the mailbox and the queues.

use std::collections::BTreeMap;

use cardwright_domain::card::Card;
use cardwright_domain::ids::CardId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::clients::Seen;
use super::evidence::{BureauOrder, Disturbance, Evidence, Mail};
use super::site::{Site, time};
use crate::error::{Context, Error};

/// Where the email names the order.
const REFERENCE: &str = "Order reference: ";

pub(super) async fn evidence(
    site: &Site,
    seen: &Seen,
    disturbances: Vec<Disturbance>,
) -> Result<Evidence, Error> {
    Ok(Evidence {
        answers: seen.answers.clone(),
        stopped: seen.stopped.clone(),
        cards: cards(site).await?,
        bureau: bureau(site).await?,
        mails: mails(site).await?,
        queues: queues(site).await?,
        disturbances,
    })
}

/// How many cards the system has still to look at by itself.
pub(super) async fn due_cards(site: &Site) -> Result<u64, Error> {
    let mut scan = json!({
        "TableName": site.stack.cards_table, "Select": "COUNT", "ConsistentRead": true,
        "FilterExpression": "attribute_exists(due_at)",
    });
    let mut count = 0;
    loop {
        let page = site.emulator.call("DynamoDB_20120810.Scan", &scan).await?;
        count += page["Count"].as_u64().unwrap_or_default();
        if page["LastEvaluatedKey"].is_null() {
            return Ok(count);
        }
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    }
}

/// How many messages each queue holds, those included that somebody works on.
pub(super) async fn queues(site: &Site) -> Result<Vec<(&'static str, u64)>, Error> {
    let stack = &site.stack;
    let queues = [
        ("order queue", &stack.order_queue_url),
        ("order dead letters", &stack.order_dlq_url),
        ("mail queue", &stack.mail_queue_url),
        ("mail dead letters", &stack.mail_dlq_url),
        ("quarantine", &stack.quarantine_queue_url),
    ];
    let mut counts = Vec::new();
    for (name, url) in queues {
        let request = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        let answer = site
            .emulator
            .call("AmazonSQS.GetQueueAttributes", &request)
            .await?;
        let numbers = answer["Attributes"].as_object().into_iter().flatten();
        let numbers = numbers.filter(|(name, _)| name.starts_with("ApproximateNumberOfMessages"));
        let numbers = numbers.filter_map(|(_, number)| number.as_str()?.parse::<u64>().ok());
        counts.push((name, numbers.sum()));
    }
    Ok(counts)
}

async fn cards(site: &Site) -> Result<BTreeMap<CardId, Card>, Error> {
    let table = json!({ "TableName": site.stack.cards_table, "ConsistentRead": true });
    let mut cards = BTreeMap::new();
    for item in scan(site, table).await? {
        let is_card = |key: &str| key.starts_with("card#");
        if item["pk"]["S"].as_str().is_some_and(is_card) {
            let item = plain(&json!({ "M": item }));
            let card: Card = serde_json::from_value(item).doing("understand a card")?;
            cards.insert(card.card_id, card);
        }
    }
    Ok(cards)
}

/// All items that a scan finds.
pub(super) async fn scan(site: &Site, mut scan: Value) -> Result<Vec<Value>, Error> {
    let mut items = Vec::new();
    loop {
        let page = site.emulator.call("DynamoDB_20120810.Scan", &scan).await?;
        items.extend(page["Items"].as_array().into_iter().flatten().cloned());
        if page["LastEvaluatedKey"].is_null() {
            return Ok(items);
        }
        scan["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    }
}

/// A value as JSON has it, from `{"S": "text"}` and the like.
fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("N", Value::String(number)) => number.parse().map_or(Value::Null, Value::Number),
        ("M", Value::Object(fields)) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), plain(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        ("L", Value::Array(values)) => values.iter().map(plain).collect(),
        ("NULL", _) => Value::Null,
        (_, value) => value.clone(),
    }
}

async fn bureau(site: &Site) -> Result<Vec<BureauOrder>, Error> {
    let asking = "ask the bureau what it has accepted";
    let url = format!("{}/_sim/orders", site.stack.bureau_url);
    let answer = site.http.get(url).send().await.doing(asking)?;
    let answer: Value = answer.json().await.doing(asking)?;
    let orders = answer["orders"].as_array().into_iter().flatten();
    let orders = orders.map(|order| {
        Ok(BureauOrder {
            order_id: Deserialize::deserialize(&order["key"]).doing(asking)?,
            producer_order_id: Deserialize::deserialize(&order["producerOrderId"]).doing(asking)?,
            submits: Deserialize::deserialize(&order["submits"]).doing(asking)?,
        })
    });
    orders.collect()
}

async fn mails(site: &Site) -> Result<Vec<Mail>, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Taken {
        body_text: String,
        timestamp: f64,
    }
    let reading = "read the mailbox";
    let answer = site
        .http
        .get(&site.stack.mailbox)
        .send()
        .await
        .doing(reading)?;
    let answer: Value = answer.json().await.doing(reading)?;
    let accounts = answer["messages"].as_object().into_iter().flatten();
    let mails = accounts.flat_map(|(_, mails)| mails.as_array().into_iter().flatten());
    let mails = mails.map(|mail| {
        let mail: Taken = Deserialize::deserialize(mail).doing(reading)?;
        let mut lines = mail.body_text.lines();
        let reference = lines.find_map(|line| line.strip_prefix(REFERENCE));
        Ok(Mail {
            producer_order_id: reference.unwrap_or_default().to_owned(),
            at: time(mail.timestamp),
        })
    });
    mails.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_becomes_plain_json() {
        let item = json!({ "M": {
            "s": { "S": "text" }, "n": { "N": "7" }, "b": { "BOOL": true }, "x": { "NULL": true },
            "l": { "L": [{ "M": { "s": { "S": "in" } } }, { "N": "8" }] },
        }});
        let expected =
            json!({ "s": "text", "n": 7, "b": true, "x": null, "l": [{ "s": "in" }, 8] });
        assert_eq!(plain(&item), expected);
    }
}
