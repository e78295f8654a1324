//! As whom the API is called: with all roles, with each, with none, as a holder, and without a token that
//! counts.

use reqwest::Client;
use serde_json::json;

use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::token::{Role, access_token};
use crate::users::well_known::ANNA;
use crate::workspace::StackFolder;

/// The tokens of one sign-in each.
#[derive(Debug)]
pub(super) struct Callers {
    everything: String,
    each: Vec<(&'static str, String)>,
}

/// One run of schemathesis.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) name: String,
    /// What stands after `Bearer`, if the header is sent at all.
    pub(super) token: Option<String>,
    /// The tags of the operations that are called; all if there are none.
    pub(super) tags: &'static [&'static str],
    pub(super) phases: &'static str,
    /// Cases of each operation and phase, at most.
    pub(super) cases: u32,
}

pub(super) async fn sign_in(stack: &Stack, folder: &StackFolder) -> Result<Callers, Error> {
    let password = folder.password_file();
    let roles = [Role::Operator, Role::Approver, Role::Administrator];
    let mut everything = String::new();
    let mut each = Vec::new();
    for role in roles {
        // A group more each time: the last token has all of them.
        everything = access_token(stack, &password, role, Some("every.role@example.com")).await?;
        each.push((
            role.name(),
            access_token(stack, &password, role, None).await?,
        ));
    }
    let nobody = access_token(stack, &password, Role::User, None).await?;
    each.push(("no role", nobody));
    let holder = access_token(stack, &password, Role::User, Some(ANNA.user_id)).await?;
    each.push(("a holder", holder));
    Ok(Callers { everything, each })
}

/// Several orders for one user, so that the orders do not end with the first, and holders who order too.
pub(super) async fn enable_ordering(stack: &Stack, callers: &Callers) -> Result<(), Error> {
    let enabled = json!({"enabled": true});
    let use_cases = json!({"orderCard": enabled, "repeatOrder": enabled});
    let options = json!({"useCases": use_cases, "multipleOrders": true, "selfService": true});
    let answer = Client::builder()
        .no_proxy()
        .build()
        .doing("set up the HTTP client")?
        .put(format!("{}/options", stack.api_url))
        .bearer_auth(&callers.everything)
        .header("if-match", "\"0\"")
        .json(&options)
        .send()
        .await
        .doing("enable ordering")?;
    answer.error_for_status().doing("enable ordering")?;
    Ok(())
}

/// First everything that keeps the options as they are, then the options, then the other callers.
pub(super) fn runs(callers: &Callers) -> Vec<Run> {
    let everyone = |name: &str, token: Option<String>| Run {
        name: name.to_owned(),
        token,
        tags: &[],
        phases: "examples,coverage,fuzzing",
        cases: 5,
    };
    let main = |name: &str, tags: &'static [&'static str], cases| Run {
        name: name.to_owned(),
        token: Some(callers.everything.clone()),
        tags,
        phases: "examples,coverage,fuzzing,stateful",
        cases,
    };
    let mut runs = vec![
        main("users and cards, every role", &["users", "cards"], 100),
        main("options, every role", &["options"], 100),
    ];
    for (name, token) in &callers.each {
        runs.push(everyone(name, Some(token.clone())));
    }
    runs.push(everyone("forged token", Some(forged(&callers.everything))));
    runs.push(everyone("no token", None));
    runs
}

/// The same claims under a signature that is not theirs.
fn forged(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap_or((token, ""));
    let turned: String = signature.chars().rev().collect();
    format!("{signed}.{turned}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forged_token_has_the_claims_and_another_signature() {
        assert_eq!(forged("head.claims.abc"), "head.claims.cba");
    }
}
