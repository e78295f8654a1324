//! The commands of every runbook, run as they are written: by a shell, with the AWS CLI, against the
//! local stack. Whoever follows a page in the night should not meet a typing error in it.
//!
//! It is left out of the ordinary run because it needs the AWS CLI:
//! `cargo xtask test -E 'test(/runbooks::commands/)' --run-ignored all`.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::json;
use tokio::process::Command;

use super::super::stack::Stack;

/// Before every page: answers that are errors count as such, what the emulator can't do has to fail
/// there and not in the command line tool, and the API is at an address that resolves everywhere.
const SHIMS: &str = r#"
aws() {
  case "$1 $2" in
    "sqs start-message-move-task" | "ses get-account-sending-enabled")
      out=$(command aws --endpoint-url "$ENDPOINT" "$@" 2>&1) && return
      grep -Eq "InvalidAction|Unknown (action|operation)|not valid for this endpoint" <<<"$out" \
        || { echo "$out" >&2; return 1; } ;;
    *) command aws --endpoint-url "$ENDPOINT" "$@" ;;
  esac
}
curl() { command curl --fail "$@"; }
eval "deployed_$(declare -f output)"
output() { if [ "$1" = ApiUrl ]; then echo "$API_URL"; else deployed_output "$1"; fi; }
"#;

/// The order of the pages: what one of them switches off, a later one switches on.
const PAGES: [&str; 17] = [
    "oldest-waiting-order",
    "oldest-due-card",
    "producer-not-answering",
    "order-dlq-not-empty",
    "mail-dlq-not-empty",
    "quarantine-not-empty",
    "producer-order-mismatch",
    "no-drain-tick",
    "drain-errors",
    "drain-failures",
    "sync-errors",
    "deadline-errors",
    "deadline-failures",
    "mail-function-errors",
    "email-failures",
    "email-undeliverable",
    "api-errors",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/runbooks")
}

/// The shell blocks of a page.
fn blocks(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder().join(page).with_extension("md")).unwrap();
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// What a person fills in.
struct Fills(Vec<(&'static str, String)>);

impl Fills {
    fn filled(&self, block: &str) -> String {
        let mut block = block.to_owned();
        for (name, value) in &self.0 {
            block = block.replace(&format!("<{name}>"), value);
        }
        block
    }
}

#[test]
fn every_runbooks_commands_are_tried() {
    let mut pages: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|file| {
            file.unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .filter(|name| name != "README")
        .collect();
    let mut tried = PAGES.map(str::to_owned);
    pages.sort();
    tried.sort();
    assert_eq!(pages, tried);
    for page in PAGES {
        let text = std::fs::read_to_string(folder().join(page).with_extension("md")).unwrap();
        let outside: Vec<_> = text.split("```").step_by(2).collect();
        let inline = outside.concat().contains("`aws ") && page != "api-errors";
        assert!(!inline, "{page} has a command outside its blocks");
    }
}

#[tokio::test]
#[ignore = "needs the AWS CLI"]
async fn every_runbooks_commands_work_as_written() {
    let stack = Stack::ready().await;
    stack.drained().await;
    let card_id = stack.place_orders(1).await.remove(0);
    stack.drain().await;
    let card = stack.until_email(&card_id, "sent").await;
    for queue in ["orderDlqUrl", "mailDlqUrl", "quarantineQueueUrl"] {
        stack.send_to(queue, "a test's text").await;
    }
    let secret = json!({"SecretId": "producer"});
    let secret = stack
        .aws_json("secretsmanager.GetSecretValue", &secret)
        .await;
    let work = std::env::temp_dir().join(stack.unique("runbooks"));
    std::fs::create_dir_all(&work).unwrap();
    std::fs::write(work.join("token"), secret["SecretString"].as_str().unwrap()).unwrap();
    let fills = Fills(vec![
        ("card id", card_id.clone()),
        ("card.id", card_id.clone()),
        ("cardId", card_id.clone()),
        ("cardId of the body", card_id.clone()),
        ("order.id", format!("{card_id}-1")),
        (
            "producerOrderId",
            card["producerOrderId"].as_str().unwrap().to_owned(),
        ),
        ("ProducerSecret", "producer".into()),
        ("ProducerWebhookSecret", "producer-webhook".into()),
        ("ProducerUrl", stack.setting("bureauUrl").to_owned()),
        ("request.id", "none".into()),
    ]);
    let preamble = blocks("README").concat();
    let preamble = preamble.replace("export STACK=cardwright-prod", "");
    let mut failed = Vec::new();
    for page in PAGES {
        let script = fills.filled(&blocks(page).concat());
        let left = script.find('<').map(|at| &script[at..]);
        assert!(left.is_none(), "{page} has more to fill in: {left:?}");
        let script = format!("set -euo pipefail\n{preamble}\n{SHIMS}\n{script}");
        let output = run(&stack, &work, &script).await;
        println!("== {page}\n{}", String::from_utf8_lossy(&output.stdout));
        if !output.status.success() || !output.stderr.is_empty() {
            failed.push(format!(
                "{page}: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
    }
    std::fs::remove_dir_all(work).unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

async fn run(stack: &Stack, work: &Path, script: &str) -> Output {
    Command::new("bash")
        .args(["-c", script])
        .current_dir(work)
        .env("STACK", "cardwright-local")
        .env("TOKEN", stack.token("operator"))
        .env("API_URL", stack.setting("apiUrl"))
        .env("ENDPOINT", stack.setting("awsEndpoint"))
        .env("AWS_REGION", stack.setting("region"))
        .env("AWS_DEFAULT_REGION", stack.setting("region"))
        .env("AWS_ACCESS_KEY_ID", stack.setting("accessKeyId"))
        .env("AWS_SECRET_ACCESS_KEY", stack.setting("secretAccessKey"))
        .env("AWS_PAGER", "")
        .output()
        .await
        .unwrap()
}
