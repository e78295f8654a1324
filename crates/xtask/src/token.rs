//! `cargo xtask token`: signs in to the local stack's user pool and prints the access token.

use std::path::Path;
use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::workspace::Workspace;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose rights the token gives. `user` is a person of the directory, without a role.
    #[arg(long, value_enum)]
    role: Role,
    /// The user name to sign in with, or the id of a user in the directory, whose UPN it then is.
    #[arg(long, value_name = "ID")]
    user: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub(crate) enum Role {
    Operator,
    Approver,
    Administrator,
    User,
}

impl Role {
    /// The role's name, which is also its group's.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Administrator => "administrator",
            Self::User => "user",
        }
    }
}

pub(crate) async fn run(args: Args) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    let stack = Stack::load(&workspace)?;
    let password = Stack::file(&workspace).with_file_name("password");
    println!(
        "{}",
        access_token(&stack, &password, args.role, args.user.as_deref()).await?
    );
    Ok(ExitCode::SUCCESS)
}

/// Makes the user if it is not there yet, puts it in the role's group, and signs it in.
pub(crate) async fn access_token(
    stack: &Stack,
    password_file: &Path,
    role: Role,
    user: Option<&str>,
) -> Result<String, Error> {
    let password = std::fs::read_to_string(password_file)
        .doing(format!("read {}", password_file.display()))?;
    let emulator = Emulator::at(&stack.aws_endpoint)?;
    let name = match user {
        Some(user) => user_name(&emulator, stack, user).await?,
        None => format!("{}@example.com", role.name()),
    };
    let pool = stack.user_pool_id();

    let user = json!({
        "UserPoolId": pool, "Username": name,
        "TemporaryPassword": password, "MessageAction": "SUPPRESS",
    });
    match cognito(&emulator, "AdminCreateUser", &user).await {
        Err(Error::Aws { code, .. }) if code == "UsernameExistsException" => {}
        made => drop(made?),
    }
    let permanent = json!({
        "UserPoolId": pool, "Username": name, "Password": password, "Permanent": true,
    });
    cognito(&emulator, "AdminSetUserPassword", &permanent).await?;
    if role != Role::User {
        let group = json!({ "UserPoolId": pool, "Username": name, "GroupName": role.name() });
        cognito(&emulator, "AdminAddUserToGroup", &group).await?;
    }
    let sign_in = json!({
        "ClientId": stack.client_id, "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": name, "PASSWORD": password },
    });
    let tokens = cognito(&emulator, "InitiateAuth", &sign_in).await?;
    match tokens["AuthenticationResult"]["AccessToken"].as_str() {
        Some(token) => Ok(token.to_owned()),
        None => Err(Error::Refused(format!(
            "{name} cannot sign in with a password alone"
        ))),
    }
}

/// The UPN of a user in the directory, or the name itself when there is no such user.
async fn user_name(emulator: &Emulator, stack: &Stack, user: &str) -> Result<String, Error> {
    let query = json!({
        "TableName": stack.users_table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": { ":pk": { "S": format!("user#{user}") } },
    });
    let found = emulator.call("DynamoDB_20120810.Query", &query).await?;
    let mut items = found["Items"].as_array().into_iter().flatten();
    let upn = items.find_map(|item| item["upn"]["S"].as_str());
    Ok(upn.unwrap_or(user).to_owned())
}

async fn cognito(emulator: &Emulator, operation: &str, body: &Value) -> Result<Value, Error> {
    emulator
        .call(
            &format!("AWSCognitoIdentityProviderService.{operation}"),
            body,
        )
        .await
}
