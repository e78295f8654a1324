//! The directory that users are written to: a users table in AWS or in the local stack.

use std::time::Duration;

use cardwright_aws::dynamodb::{Imported, Tables};
use cardwright_aws::{Aws, Endpoint};
use cardwright_domain::user::User;

use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::workspace::Workspace;

/// How often one block of users is tried, and the pause before the second time; it doubles then.
/// A table that has to grow first needs some seconds.
const TRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Target {
    tables: Tables,
    /// AWS's own id of the table: another table of the same name has another one.
    pub(super) id: String,
}

impl Target {
    /// The named table in AWS, or else the running local stack's.
    pub(super) async fn find(workspace: &Workspace, table: Option<&str>) -> Result<Self, Error> {
        match table {
            Some(table) => {
                let aws = Aws::from_env().doing("find out where and as whom AWS is called")?;
                Self::at(&aws, table).await
            }
            None => Self::local(&Stack::load(workspace)?).await,
        }
    }

    pub(crate) async fn local(stack: &Stack) -> Result<Self, Error> {
        let aws = Aws::at(Endpoint {
            url: stack.aws_endpoint.clone(),
            region: stack.region.clone(),
            access_key_id: stack.access_key_id.clone(),
            secret_access_key: stack.secret_access_key.clone(),
        });
        Self::at(&aws, &stack.users_table).await
    }

    async fn at(aws: &Aws, table: &str) -> Result<Self, Error> {
        let client = aws.dynamodb();
        let looking = format!("look at the table {table}");
        let answer = client.describe_table().table_name(table).send().await;
        let answer =
            answer.map_err(|error| cardwright_aws::port_error("dynamodb.DescribeTable", error));
        let description = answer.doing(looking)?.table;
        let id = description.and_then(|table| table.table_id);
        let id = id.ok_or_else(|| Error::Refused(format!("the table {table} has no id")))?;
        // An import touches no card.
        let tables = Tables::new(client, table.to_owned(), String::new());
        Ok(Self { tables, id })
    }

    /// Makes the users in the table what they are here. Storing them once more changes nothing.
    pub(super) async fn store(&self, users: &[User]) -> Result<Imported, Error> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..TRIES {
            if let Ok(imported) = self.tables.import_users(users).await {
                return Ok(imported);
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.tables.import_users(users).await.doing("store users")
    }
}
