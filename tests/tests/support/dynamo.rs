//! A DynamoDB of one's own for each test: embedded, in memory, with the tables of the production
//! template.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use cardwright_app::ports::{OpenOrderGuard, OptionsChange, PlaceOrder, Placed, Placement};
use cardwright_aws::dynamodb::Tables;
use cardwright_aws::{Aws, Endpoint};
use cardwright_domain::card::{Card, sample};
use cardwright_domain::ids::UserId;
use cardwright_domain::options::Options;
use cardwright_domain::sign_in::SignIn;
use cardwright_domain::time::Time;
use cardwright_domain::user::{User, UserFields};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::dynamo_faults::Faults;
use super::dynamo_meter::Meter;

pub(crate) const USERS: &str = "users";
pub(crate) const CARDS: &str = "cards";

/// Parts of a table definition that are no parameter of CreateTable.
const NOT_OF_CREATE_TABLE: [&str; 3] = [
    "SSESpecification",
    "PointInTimeRecoverySpecification",
    "TimeToLiveSpecification",
];

/// A database, the adapters on it, and what they ask of it. It ends with the test's runtime.
pub(crate) struct Database {
    pub(crate) client: Client,
    pub(crate) meter: Meter,
    pub(crate) faults: Faults,
    url: String,
}

impl Database {
    pub(crate) async fn start() -> Self {
        let database = dynoxide::Database::memory().unwrap();
        for (logical_id, name) in [("UsersTable", USERS), ("CardsTable", CARDS)] {
            let request = serde_json::from_value(create_table(logical_id, name)).unwrap();
            database.create_table(request).unwrap();
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let forever = std::future::pending();
        tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener, database, forever,
        ));
        let (meter, faults) = (Meter::default(), Faults::default());
        let client = client(&url, &meter, &faults);
        Self {
            client,
            meter,
            faults,
            url,
        }
    }

    pub(crate) fn tables(&self) -> Tables {
        Tables::new(self.client.clone(), USERS, CARDS)
    }

    /// A client with connections of its own.
    pub(crate) fn another_client(&self) -> Client {
        client(&self.url, &self.meter, &self.faults)
    }

    /// Stores a card in whatever state it is, as an order does.
    pub(crate) async fn store(&self, card: &Card) {
        let holder = card.holder.as_ref().expect("a sample card has a holder");
        self.tables()
            .import_users(&[user(holder.user_id.as_str(), "Ada Lovelace")])
            .await
            .unwrap();
        let placed = self.tables().place_order(&placement(card)).await.unwrap();
        assert!(matches!(placed, Placed::Done), "{placed:?}");
    }

    /// An item of the cards table as it is stored.
    pub(crate) async fn card_item(&self, pk: &str) -> BTreeMap<String, AttributeValue> {
        let pk = AttributeValue::S(pk.to_owned());
        let get = self
            .client
            .get_item()
            .table_name(CARDS)
            .key("pk", pk)
            .consistent_read(true);
        get.send()
            .await
            .unwrap()
            .item
            .unwrap()
            .into_iter()
            .collect()
    }

    /// Makes a user's own item what a release would have stored that did not know of sign-ins.
    pub(crate) async fn forget_sign_in(&self, user_id: &str) {
        let update = self
            .client
            .update_item()
            .table_name(USERS)
            .key("pk", AttributeValue::S(format!("user#{user_id}")))
            .key("sk", AttributeValue::S("user".to_owned()))
            .update_expression("REMOVE sign_in");
        update.send().await.unwrap();
    }

    /// Nobody signs in by this UPN any more.
    pub(crate) async fn delete_sign_in(&self, upn: &str) {
        let pk = format!("sign_in#{}", SignIn::of(upn));
        let delete = self
            .client
            .delete_item()
            .table_name(USERS)
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S("sign_in".to_owned()));
        delete.send().await.unwrap();
    }

    /// How many items the users table holds, search entries and all.
    pub(crate) async fn user_items(&self) -> usize {
        let pages = self
            .client
            .scan()
            .table_name(USERS)
            .into_paginator()
            .items()
            .send();
        pages.collect::<Result<Vec<_>, _>>().await.unwrap().len()
    }
}

/// Places the card for a user at version 1, whatever other cards they have.
pub(crate) fn placement(card: &Card) -> Placement {
    Placement {
        card: card.clone(),
        user_id: card.holder.as_ref().unwrap().user_id.clone(),
        user_version: 1,
        guard: OpenOrderGuard::Always,
    }
}

/// The options become these; who changes them does not matter.
pub(crate) fn options_change(options: Options) -> OptionsChange {
    OptionsChange {
        options,
        at: sample::now(),
        by: sample::operator(),
    }
}

pub(crate) fn user_id(text: &str) -> UserId {
    UserId::parse(text).unwrap()
}

/// An active user of this name, with nothing else.
pub(crate) fn user(id: &str, common_name: &str) -> User {
    user_from(json!({"userId": id, "commonName": common_name}))
}

/// A user as the API would show them.
pub(crate) fn user_from(fields: Value) -> User {
    let fields: UserFields = serde_json::from_value(fields).unwrap();
    User::parse(fields, &user_id("unnamed")).unwrap()
}

pub(crate) fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn client(url: &str, meter: &Meter, faults: &Faults) -> Client {
    let aws = Aws::at(Endpoint {
        url: url.to_owned(),
        region: "eu-central-1".to_owned(),
        access_key_id: "test".to_owned(),
        secret_access_key: "test".to_owned(),
    });
    let config = aws
        .dynamodb()
        .config()
        .to_builder()
        .interceptor(meter.clone())
        .interceptor(faults.clone());
    Client::from_conf(config.build())
}

/// The template's definition of a table, as a CreateTable request.
fn create_table(logical_id: &str, name: &str) -> Value {
    #[derive(Deserialize)]
    struct Template {
        #[serde(rename = "Resources")]
        resources: BTreeMap<String, Value>,
    }
    let text = include_str!("../../../infra/template.yaml");
    let mut template: Template = serde_saphyr::from_str(text).unwrap();
    let mut resource = template.resources.remove(logical_id).unwrap();
    let mut properties = resource["Properties"].take();
    let request = properties.as_object_mut().unwrap();
    request.retain(|name, _| !NOT_OF_CREATE_TABLE.contains(&name.as_str()));
    request.insert("TableName".to_owned(), name.into());
    properties
}
