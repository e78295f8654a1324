//! What administrators decide: typed, validated and versioned. Every order records the version it was made under.

use serde::{Deserialize, Serialize};

use crate::email::Language;
use crate::ids::ProductionTypeId;
use crate::limits::MAX_NAME_CHARS;
use crate::mapping::Mapping;
use crate::refusal::{FieldError, Refusal};
use crate::user::{User, UserState};

/// How an order reaches the producer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// It waits in `processing` until a drain takes it.
    #[default]
    Queue,
    /// The producer is asked while the orderer waits.
    Direct,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct UseCase {
    pub enabled: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct UseCases {
    /// `CardsAddonExtProdProcOrder`, for users in state `active`.
    pub order_card: UseCase,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Approval {
    /// An order for one user waits in `requested` until an approver decides.
    pub single: bool,
    pub batch: bool,
    /// Whether an approver may decide about an order that they made or that is for themselves.
    pub own_orders: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct CardOrderedEmail {
    pub enabled: bool,
    pub language: Language,
}

impl Default for CardOrderedEmail {
    fn default() -> Self {
        Self {
            enabled: true,
            language: Language::En,
        }
    }
}

/// A card product of the producer, and how orders for it are made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProductionType {
    pub id: ProductionTypeId,
    pub name: String,
    #[serde(default)]
    pub default: bool,
    #[serde(default)]
    pub enabled: bool,
    #[serde(default)]
    pub delivery: Delivery,
    /// The card fields that the producer gets; no others leave the house.
    pub fields: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Options {
    /// 0 until an administrator has stored something.
    pub version: u64,
    pub use_cases: UseCases,
    pub multiple_orders: bool,
    pub approval: Approval,
    pub card_ordered_email: CardOrderedEmail,
    pub self_service: bool,
    pub production_types: Vec<ProductionType>,
    pub mapping: Mapping,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: 0,
            use_cases: UseCases::default(),
            multiple_orders: false,
            approval: Approval::default(),
            card_ordered_email: CardOrderedEmail::default(),
            self_service: false,
            production_types: standard_card().into_iter().collect(),
            mapping: Mapping::default(),
        }
    }
}

fn standard_card() -> Option<ProductionType> {
    Some(ProductionType {
        id: ProductionTypeId::parse("standard").ok()?,
        name: "Standard card".into(),
        default: true,
        enabled: true,
        delivery: Delivery::Queue,
        fields: vec!["commonName".into(), "upn".into()],
    })
}

impl Options {
    /// Everything that is wrong with the document, by JSON pointers into it.
    #[must_use]
    pub fn errors(&self) -> Vec<FieldError> {
        let mut errors = self.mapping.errors();
        // Options whose functions do not exist yet are refused: an order must never wait for nobody.
        for (on, pointer) in [
            (self.approval.batch, "/approval/batch"),
            (self.self_service, "/selfService"),
        ] {
            if on {
                errors.push(FieldError::new(pointer, "is not available in this release"));
            }
        }
        match self.production_types.as_slice() {
            [only] => errors.extend(self.production_type_errors(only)),
            _ => errors.push(FieldError::new(
                "/productionTypes",
                "needs exactly one entry",
            )),
        }
        errors
    }

    fn production_type_errors(&self, production_type: &ProductionType) -> Vec<FieldError> {
        let error = |field: &str, detail: &str| {
            FieldError::new(format!("/productionTypes/0/{field}"), detail)
        };
        let mut errors = Vec::new();
        // It is shown as it was sent, so spaces around it count too.
        let name = &production_type.name;
        if name.trim().is_empty()
            || name.chars().count() > MAX_NAME_CHARS
            || name.chars().any(char::is_control)
        {
            errors.push(error("name", "needs 1 to 100 printable characters"));
        }
        if !production_type.enabled {
            errors.push(error(
                "enabled",
                "must be true for the only production type",
            ));
        }
        if !production_type.default {
            errors.push(error(
                "default",
                "must be true for the only production type",
            ));
        }
        if production_type.fields.is_empty() {
            errors.push(error("fields", "needs at least one card field"));
        }
        for (at, field) in production_type.fields.iter().enumerate() {
            if production_type.fields[..at].contains(field) {
                errors.push(error(&format!("fields/{at}"), "is there twice"));
            }
            if !self.mapping.has(field) {
                errors.push(error(
                    &format!("fields/{at}"),
                    "is not a field of the mapping",
                ));
            }
        }
        errors
    }

    /// What stands against an order for this user, apart from an open order, in the order of refusal.
    #[must_use]
    pub fn order_blockers(&self, user: &User, production_type: Option<&str>) -> Vec<Refusal> {
        let mut blockers = Vec::new();
        if !self.use_cases.order_card.enabled {
            blockers.push(Refusal::UseCaseDisabled);
        }
        if user.state != UserState::Active {
            blockers.push(Refusal::UserInactive);
        }
        if self.production_type(production_type).is_none() {
            blockers.push(Refusal::ProductionTypeUnknown);
        }
        if let Err(errors) = self.mapping.apply(user) {
            blockers.push(Refusal::UserAttributeMissing { errors });
        }
        blockers
    }

    /// The production type that an orderer chose, or the default one if they chose none.
    #[must_use]
    pub fn production_type(&self, chosen: Option<&str>) -> Option<&ProductionType> {
        let wanted = |candidate: &&ProductionType| match chosen {
            Some(id) => candidate.id.as_str() == id,
            None => candidate.default,
        };
        self.production_types
            .iter()
            .filter(|candidate| candidate.enabled)
            .find(wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;

    fn pointers(json: &str) -> Vec<String> {
        let options: Options = serde_json::from_str(json).unwrap();
        options
            .errors()
            .into_iter()
            .map(|error| error.pointer)
            .collect()
    }

    #[test]
    fn the_defaults_are_valid_and_offer_nothing() {
        let options = Options::default();
        assert_eq!(options.errors(), []);
        assert!(!options.use_cases.order_card.enabled && !options.multiple_orders);
        assert!(options.card_ordered_email.enabled);
        assert_eq!(
            options.production_type(None).unwrap().id.as_str(),
            "standard"
        );
    }

    #[test]
    fn absent_fields_take_their_defaults_and_unknown_ones_are_refused() {
        let options: Options =
            serde_json::from_str(r#"{"useCases":{"orderCard":{"enabled":true}}}"#).unwrap();
        assert!(options.use_cases.order_card.enabled && options.card_ordered_email.enabled);
        assert!(serde_json::from_str::<Options>(r#"{"usecases":{}}"#).is_err());
    }

    #[test]
    fn every_wrong_part_is_named() {
        let none: [&str; 0] = [];
        assert_eq!(pointers(r#"{"multipleOrders":true}"#), none);
        assert_eq!(
            pointers(r#"{"approval":{"batch":true}}"#),
            ["/approval/batch"]
        );
        assert_eq!(pointers(r#"{"selfService":true}"#), ["/selfService"]);
        assert_eq!(pointers(r#"{"productionTypes":[]}"#), ["/productionTypes"]);
        assert_eq!(
            pointers(
                r#"{"productionTypes":[{"id":"a","name":" ","fields":["upn","photo","upn"]}],
                    "mapping":{"upn":"{upn}","9":"x"}}"#
            ),
            [
                "/mapping/9",
                "/productionTypes/0/name",
                "/productionTypes/0/enabled",
                "/productionTypes/0/default",
                "/productionTypes/0/fields/1",
                "/productionTypes/0/fields/2"
            ]
        );
    }

    #[test]
    fn only_an_enabled_type_can_be_chosen() {
        let mut options = Options::default();
        assert!(options.production_type(Some("standard")).is_some());
        assert!(options.production_type(Some("other")).is_none());
        options.production_types[0].enabled = false;
        assert!(options.production_type(None).is_none());
    }

    #[test]
    fn a_name_has_one_to_a_hundred_printable_characters() {
        for (name, fits) in [
            ("å".repeat(MAX_NAME_CHARS), true),
            ("å".repeat(MAX_NAME_CHARS + 1), false),
            (" ".into(), false),
            ("a\tb".into(), false),
        ] {
            let mut options = Options::default();
            options.production_types[0].name = name.clone();
            assert_eq!(options.errors().is_empty(), fits, "{name:?}");
        }
    }

    fn user(state: UserState, upn: Option<&str>) -> User {
        User {
            user_id: UserId::parse("u1").unwrap(),
            state,
            version: 1,
            common_name: "Ada Lovelace".into(),
            given_name: None,
            family_name: None,
            upn: upn.map(str::to_owned),
            email: None,
            employee_number: None,
            department: None,
        }
    }

    #[test]
    fn all_that_stands_against_an_order_is_told_in_the_order_of_refusal() {
        let mut options = Options::default();
        let slugs = |options: &Options, user: &User, production_type: Option<&str>| {
            let blockers = options.order_blockers(user, production_type);
            blockers.iter().map(Refusal::slug).collect::<Vec<_>>()
        };
        assert_eq!(
            slugs(&options, &user(UserState::Inactive, None), Some("gold")),
            [
                "use-case-disabled",
                "user-inactive",
                "production-type-unknown",
                "user-attribute-missing",
            ]
        );
        options.use_cases.order_card.enabled = true;
        let ada = user(UserState::Active, Some("ada@example.com"));
        assert_eq!(slugs(&options, &ada, None), [""; 0]);
    }
}
