//! Deploys `infra/template.yaml` to the local AWS, as `aws cloudformation package` and `deploy` do
//! it in AWS: the functions' zips go to a bucket, then CloudFormation makes the stack.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use zip::CompressionMethod;

use crate::binaries;
use crate::emulator::{ACCESS_KEY_ID, Emulator, REGION, SECRET_ACCESS_KEY, elements};
use crate::error::{Context, Error};
use crate::stack::Stack;
use crate::workspace::{FUNCTIONS, Workspace};

const BUCKET: &str = "cardwright-code";
const TEMPLATE: &str = "cardwright-code/template.yaml";
const STACK_NAME: &str = "cardwright-local";
const EMAIL_SENDER: &str = "cards@example.com";

const DEPLOY_TIMEOUT: Duration = Duration::from_secs(120);
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What a deployment depends on.
#[derive(Debug)]
pub(crate) struct Deployment<'a> {
    pub(crate) aws_endpoint: &'a str,
    pub(crate) bureau_url: &'a str,
    pub(crate) bureau_token: &'a str,
    /// What the bureau signs its events with.
    pub(crate) webhook_key: &'a str,
    pub(crate) drain_schedule: &'a str,
}

pub(crate) async fn deploy(
    workspace: &Workspace,
    deployment: &Deployment<'_>,
) -> Result<Stack, Error> {
    let emulator = Emulator::at(deployment.aws_endpoint)?;
    emulator.make_bucket(BUCKET).await?;
    for function in FUNCTIONS {
        let binary = workspace.binaries.join(function);
        let zip = binaries::zip(&binary, CompressionMethod::Stored)?;
        emulator
            .put(&format!("{BUCKET}/{function}/bootstrap.zip"), zip)
            .await?;
    }
    let secrets = Secrets {
        token: make_secret(&emulator, "producer", deployment.bureau_token).await?,
        webhook: make_secret(&emulator, "producer-webhook", deployment.webhook_key).await?,
    };
    let template = template(workspace)?.into_bytes();
    emulator.put(TEMPLATE, template).await?;
    create_stack(&emulator, deployment, &secrets).await?;
    let outputs = tokio::time::timeout(DEPLOY_TIMEOUT, outputs(&emulator))
        .await
        .doing("deploy the template in time")??;
    stack(deployment, &outputs)
}

/// The ARNs of what the template does not make itself.
struct Secrets {
    token: String,
    webhook: String,
}

async fn make_secret(emulator: &Emulator, name: &str, text: &str) -> Result<String, Error> {
    let secret = json!({ "Name": name, "SecretString": text });
    let made = emulator
        .call("secretsmanager.CreateSecret", &secret)
        .await?;
    Ok(made["ARN"].as_str().unwrap_or_default().to_owned())
}

/// The production template. Two places differ, as an upload would change the first and AWS would
/// not mind the second.
fn template(workspace: &Workspace) -> Result<String, Error> {
    let file = workspace.root.join("infra/template.yaml");
    let text = std::fs::read_to_string(&file).doing(format!("read {}", file.display()))?;
    Ok(text
        .replace("../target/lambda/", &format!("s3://{BUCKET}/"))
        // The emulator compares this parameter as text with a number, and then delivers no mail.
        .replace("!Ref MailConcurrency", "2"))
}

async fn create_stack(
    emulator: &Emulator,
    deployment: &Deployment<'_>,
    secrets: &Secrets,
) -> Result<(), Error> {
    emulator
        .cloudformation(&[
            ("Action", "CreateStack"),
            ("StackName", STACK_NAME),
            // It is too long to be sent as it is.
            (
                "TemplateURL",
                &format!("{}/{TEMPLATE}", deployment.aws_endpoint),
            ),
            ("Capabilities.member.1", "CAPABILITY_IAM"),
            ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
            ("Parameters.member.1.ParameterKey", "Stage"),
            ("Parameters.member.1.ParameterValue", "local"),
            ("Parameters.member.2.ParameterKey", "EmailSender"),
            ("Parameters.member.2.ParameterValue", EMAIL_SENDER),
            ("Parameters.member.3.ParameterKey", "DrainSchedule"),
            (
                "Parameters.member.3.ParameterValue",
                deployment.drain_schedule,
            ),
            ("Parameters.member.4.ParameterKey", "ProducerUrl"),
            ("Parameters.member.4.ParameterValue", deployment.bureau_url),
            ("Parameters.member.5.ParameterKey", "ProducerSecret"),
            ("Parameters.member.5.ParameterValue", secrets.token.as_str()),
            ("Parameters.member.6.ParameterKey", "ProducerWebhookSecret"),
            (
                "Parameters.member.6.ParameterValue",
                secrets.webhook.as_str(),
            ),
        ])
        .await?;
    Ok(())
}

/// Waits for the stack and reads its outputs.
async fn outputs(emulator: &Emulator) -> Result<BTreeMap<String, String>, Error> {
    loop {
        let form = [("Action", "DescribeStacks"), ("StackName", STACK_NAME)];
        let answer = emulator.cloudformation(&form).await?;
        match elements(&answer, "StackStatus").next().unwrap_or_default() {
            "CREATE_COMPLETE" => {
                let keys = elements(&answer, "OutputKey").map(str::to_owned);
                let values = elements(&answer, "OutputValue").map(str::to_owned);
                return Ok(keys.zip(values).collect());
            }
            "CREATE_IN_PROGRESS" => tokio::time::sleep(POLL_INTERVAL).await,
            status => {
                let form = [("Action", "DescribeStackEvents"), ("StackName", STACK_NAME)];
                let events = emulator.cloudformation(&form).await?;
                let reasons: Vec<_> = elements(&events, "ResourceStatusReason")
                    .filter(|reason| !reason.is_empty())
                    .collect();
                return Err(Error::Refused(format!("{status}: {}", reasons.join("; "))));
            }
        }
    }
}

fn stack(deployment: &Deployment<'_>, outputs: &BTreeMap<String, String>) -> Result<Stack, Error> {
    let output = |name: &str| {
        outputs
            .get(name)
            .cloned()
            .ok_or_else(|| Error::Refused(format!("the template has no output {name}")))
    };
    let functions = FUNCTIONS
        .iter()
        .map(|function| Ok(((*function).to_owned(), output(&function_output(function))?)))
        .collect::<Result<_, Error>>()?;
    let aws = deployment.aws_endpoint;
    Ok(Stack {
        // The API's own host name does not resolve everywhere; this address of it always does.
        api_url: format!("{aws}/_aws/execute-api/{}", output("ApiId")?),
        aws_endpoint: aws.to_owned(),
        region: REGION.to_owned(),
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: SECRET_ACCESS_KEY.to_owned(),
        users_table: output("UsersTableName")?,
        cards_table: output("CardsTableName")?,
        order_queue_url: output("OrderQueueUrl")?,
        order_dlq_url: output("OrderDeadLetterQueueUrl")?,
        quarantine_queue_url: output("QuarantineQueueUrl")?,
        mail_queue_url: output("MailQueueUrl")?,
        mail_dlq_url: output("MailDeadLetterQueueUrl")?,
        mailbox: format!("{aws}/_ministack/ses/messages"),
        bureau_url: deployment.bureau_url.to_owned(),
        functions,
        issuer: output("Issuer")?,
        client_id: output("ClientId")?,
    })
}

/// `drain-orders` -> `DrainOrdersFunctionName`.
fn function_output(function: &str) -> String {
    let words = function.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect::<String>() + "FunctionName"
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = include_str!("../../../infra/template.yaml");

    #[test]
    fn the_template_has_all_that_the_local_copy_changes_and_reads() {
        assert!(TEMPLATE.contains("!Ref MailConcurrency"));
        for function in FUNCTIONS {
            assert!(TEMPLATE.contains(&format!("../target/lambda/{function}/bootstrap.zip")));
            assert!(TEMPLATE.contains(&format!("  {}:\n", function_output(function))));
        }
    }
}
