//! Who calls, and what they may do. The gateway has verified the token; what it says is read here.

use std::collections::BTreeMap;

use cardwright_app::ports::ReadCallerContext;
use cardwright_app::self_service::{Reach, own_reach};
use cardwright_domain::ids::Actor;
use serde_json::Value;

use crate::problem::Problem;

/// A group in the token's groups claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Operator,
    Approver,
    Administrator,
}

impl Role {
    const ALL: [Self; 3] = [Self::Operator, Self::Approver, Self::Administrator];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Administrator => "administrator",
        }
    }
}

#[derive(Debug)]
pub struct Caller {
    pub actor: Actor,
    roles: Vec<Role>,
}

impl Caller {
    /// # Errors
    /// The caller has none of these roles.
    pub(crate) fn require(&self, any_of: &'static [Role]) -> Result<(), Problem> {
        let allowed = self.roles.iter().any(|role| any_of.contains(role));
        allowed.then_some(()).ok_or(Problem::RoleRequired(any_of))
    }

    /// Whom the caller may ask about: everybody with one of these roles, else themself by self-service.
    /// Nothing is read for a caller with a role.
    ///
    /// # Errors
    /// The caller has none of the roles and may not help themself, or the store does not answer.
    pub(crate) async fn reach(
        &self,
        any_of: &'static [Role],
        store: &impl ReadCallerContext,
    ) -> Result<Reach, Problem> {
        match self.require(any_of) {
            Ok(()) => Ok(Reach::Everybody),
            Err(refused) => own_reach(store, &self.actor).await?.ok_or(refused),
        }
    }

    pub(crate) fn roles(&self) -> &[Role] {
        &self.roles
    }
}

/// Which claims name the caller and their groups; they differ between issuers.
#[derive(Debug, Clone)]
pub(crate) struct ClaimNames {
    pub(crate) groups: String,
    pub(crate) user_name: String,
}

impl ClaimNames {
    /// The caller that the claims name.
    ///
    /// # Errors
    /// There are no claims, they are not of an access token, or they name nobody.
    pub(crate) fn caller(
        &self,
        claims: Option<&BTreeMap<String, Value>>,
    ) -> Result<Caller, Problem> {
        let claims = claims.ok_or(Problem::Unauthenticated)?;
        // An ID token says who signed in, not what its bearer may do. Not every issuer says which
        // it is.
        if claims.get("token_use").is_some_and(|kind| kind != "access") {
            return Err(Problem::Unauthenticated);
        }
        let name = claims.get(&self.user_name).and_then(Value::as_str);
        let actor = name.and_then(|name| Actor::parse(name).ok());
        // A caller under such a name would look like one of our functions in the timeline.
        let actor = actor.filter(|actor| !actor.is_system());
        let actor = actor.ok_or(Problem::Unauthenticated)?;
        let roles = claims.get(&self.groups).map_or_else(Vec::new, roles);
        Ok(Caller { actor, roles })
    }
}

/// The roles among the groups. The gateway flattens a list to `[operator approver]`; a single
/// group, a list by commas and a real JSON list are read as well. Other groups mean nothing here.
fn roles(claim: &Value) -> Vec<Role> {
    let groups: Vec<&str> = match claim {
        Value::String(text) => {
            let list = text
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            let groups = list
                .unwrap_or(text)
                .split(|c: char| c.is_whitespace() || c == ',');
            groups.map(|group| group.trim_matches('"')).collect()
        }
        Value::Array(groups) => groups.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let held = |role: &Role| groups.contains(&role.as_str());
    Role::ALL.into_iter().filter(held).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn caller(claims: Value) -> Result<Caller, Problem> {
        let names = ClaimNames {
            groups: "cognito:groups".into(),
            user_name: "username".into(),
        };
        names.caller(
            serde_json::from_value::<Option<_>>(claims)
                .unwrap()
                .as_ref(),
        )
    }

    #[test]
    fn groups_are_read_in_every_shape_in_which_they_come() {
        use Role::{Administrator, Approver, Operator};
        for (groups, roles) in [
            (json!("[operator approver]"), vec![Operator, Approver]),
            (json!("[administrator]"), vec![Administrator]),
            (json!("operator"), vec![Operator]),
            (json!("operator,approver"), vec![Operator, Approver]),
            (
                json!("[\"approver\", \"operator\"]"),
                vec![Operator, Approver],
            ),
            (json!(["approver", "staff"]), vec![Approver]),
            (json!("[staff operators Operator [operator]]"), vec![]),
            (json!("[]"), vec![]),
            (json!(""), vec![]),
            (json!(7), vec![]),
            (Value::Null, vec![]),
        ] {
            let claims = json!({"username": "omar", "cognito:groups": groups});
            assert_eq!(caller(claims).unwrap().roles, roles, "{groups}");
        }
        assert_eq!(caller(json!({"username": "omar"})).unwrap().roles, []);
    }

    #[test]
    fn only_an_access_token_that_names_a_person_is_a_caller() {
        for claims in [
            Value::Null,
            json!({}),
            json!({"username": ""}),
            json!({"username": 7}),
            json!({"username": "a\u{7}b"}),
            json!({"username": "system:drain-orders"}),
            json!({"username": "omar", "token_use": "id"}),
            json!({"username": "omar", "token_use": null}),
            json!({"cognito:username": "omar"}),
        ] {
            let refused = caller(claims.clone()).unwrap_err();
            assert!(matches!(refused, Problem::Unauthenticated), "{claims}");
        }
        for claims in [
            json!({"username": "omar", "token_use": "access"}),
            json!({"username": "omar"}),
        ] {
            assert_eq!(caller(claims).unwrap().actor.as_str(), "omar");
        }
    }

    #[test]
    fn one_of_the_roles_is_enough_and_another_is_not() {
        let approver = caller(json!({"username": "a", "cognito:groups": "[approver]"})).unwrap();
        assert!(approver.require(&[Role::Operator, Role::Approver]).is_ok());
        assert!(matches!(
            approver.require(&[Role::Operator]),
            Err(Problem::RoleRequired(_))
        ));
        assert!(matches!(
            approver.require(&[]),
            Err(Problem::RoleRequired(_))
        ));
    }
}
