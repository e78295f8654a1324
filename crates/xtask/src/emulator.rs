//! The local AWS (MiniStack): how it is started and spoken to. It checks no signatures, so the
//! calls are plain HTTP, and a command is done before an AWS command line tool would have started.

use std::time::Duration;

use reqwest::{RequestBuilder, Url};
use serde_json::Value;
use tokio::process::{Child, Command};

use crate::error::{Context, Error};
use crate::process::Processes;
use crate::tools::Tools;
use crate::workspace::StackFolder;

pub(crate) const REGION: &str = "eu-central-1";
/// The emulator takes a key id that is not an account number for its default account.
pub(crate) const ACCESS_KEY_ID: &str = "test";
pub(crate) const SECRET_ACCESS_KEY: &str = "test";

/// Longer than the time limit of any function.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(90);

#[derive(Debug)]
pub(crate) struct Emulator {
    http: reqwest::Client,
    endpoint: String,
}

/// What a function answered.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) answer: String,
    pub(crate) failed: bool,
}

/// Starts the emulator's process. Nothing of the caller's AWS settings reaches it, or the
/// functions, which get its whole environment.
pub(crate) fn start(
    processes: &mut Processes,
    folder: &StackFolder,
    tools: &Tools,
    port: u16,
) -> Result<Child, Error> {
    let mut command = Command::new(tools.path("ministack"));
    command
        .env_clear()
        .envs(
            ["PATH", "HOME", "LANG"].map(|name| (name, std::env::var_os(name).unwrap_or_default())),
        )
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
        .env("MINISTACK_REGION", REGION)
        .env("STATE_DIR", folder.state())
        .env("TMPDIR", folder.state())
        // Listeners that nobody here needs.
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0");
    processes.start(folder, "ministack", &mut command)
}

impl Emulator {
    pub(crate) fn at(endpoint: &str) -> Result<Self, Error> {
        let http = reqwest::Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .no_proxy()
            .build()
            .doing("set up the HTTP client")?;
        Ok(Self {
            http,
            endpoint: endpoint.to_owned(),
        })
    }

    /// Calls an operation of a service that speaks JSON, such as `DynamoDB_20120810.Query`.
    pub(crate) async fn call(&self, target: &str, body: &Value) -> Result<Value, Error> {
        let request = self
            .http
            .post(&self.endpoint)
            .json(body)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target);
        let (status, text) = send(request, target).await?;
        let answer: Value = serde_json::from_str(&text).doing(format!("understand {target}"))?;
        if status.is_success() {
            return Ok(answer);
        }
        let field = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Err(Error::Aws {
            action: target.into(),
            code: field("__type"),
            message: field("message"),
        })
    }

    /// Calls CloudFormation, which speaks form parameters and XML.
    pub(crate) async fn cloudformation(&self, form: &[(&str, &str)]) -> Result<String, Error> {
        let url = Url::parse_with_params(&self.endpoint, form).doing("make a form")?;
        let request = self
            .http
            .post(&self.endpoint)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(url.query().unwrap_or_default().to_owned());
        let (status, text) = send(request, "CloudFormation").await?;
        if status.is_success() {
            return Ok(text);
        }
        let field = |name: &str| elements(&text, name).next().unwrap_or_default().to_owned();
        Err(Error::Aws {
            action: "CloudFormation".into(),
            code: field("Code"),
            message: field("Message"),
        })
    }

    pub(crate) async fn make_bucket(&self, bucket: &str) -> Result<(), Error> {
        let region = format!(
            "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>\
             </CreateBucketConfiguration>"
        );
        self.put(bucket, region.into()).await
    }

    /// Puts an object at `bucket/key`.
    pub(crate) async fn put(&self, path: &str, body: Vec<u8>) -> Result<(), Error> {
        let request = self
            .http
            .put(format!("{}/{path}", self.endpoint))
            .body(body);
        let (status, text) = send(request, path).await?;
        if status.is_success() {
            return Ok(());
        }
        Err(Error::Aws {
            action: format!("put {path}"),
            code: status.to_string(),
            message: text,
        })
    }

    pub(crate) async fn invoke(&self, function: &str, event: Vec<u8>) -> Result<Invocation, Error> {
        let url = format!(
            "{}/2015-03-31/functions/{function}/invocations",
            self.endpoint
        );
        let answer = self
            .http
            .post(url)
            .body(event)
            .send()
            .await
            .doing(format!("invoke {function}"))?;
        let failed =
            !answer.status().is_success() || answer.headers().contains_key("x-amz-function-error");
        let answer = answer
            .text()
            .await
            .doing(format!("read the answer of {function}"))?;
        Ok(Invocation { answer, failed })
    }
}

/// The texts of an element in an XML document without nesting of that element.
pub(crate) fn elements<'a>(xml: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let close = format!("</{name}>");
    xml.split(&format!("<{name}>"))
        .skip(1)
        .filter_map(move |rest| rest.split_once(&close).map(|(text, _)| text))
        .collect::<Vec<_>>()
        .into_iter()
}

async fn send(request: RequestBuilder, what: &str) -> Result<(reqwest::StatusCode, String), Error> {
    let answer = request
        .send()
        .await
        .doing(format!("call {what} at the local AWS"))?;
    let status = answer.status();
    let text = answer
        .text()
        .await
        .doing(format!("read the answer to {what}"))?;
    Ok((status, text))
}

#[cfg(test)]
mod tests {
    use super::elements;

    #[test]
    fn the_texts_of_an_element_come_in_order_and_empty_ones_count() {
        let xml = "<a><Key>one</Key><Value></Value><Key>two</Key><Value>2</Value></a>";
        assert_eq!(elements(xml, "Key").collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(elements(xml, "Value").collect::<Vec<_>>(), ["", "2"]);
        assert_eq!(elements(xml, "Other").count(), 0);
    }
}
