//! The program itself: its settings, the line that it prints, and how it stops.

use std::process::Stdio;

use reqwest::StatusCode;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::harness::{TOKEN, client, send};

#[tokio::test]
async fn the_program_says_where_it_listens_and_stops_when_told() {
    for signal in ["-TERM", "-INT"] {
        let mut child = program().env("BUREAU_TOKEN", TOKEN).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let url = line.strip_prefix("listening on ").unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");

        let health = send(client().get(format!("{url}/_sim/health"))).await;
        assert_eq!(health.status, StatusCode::OK);

        let pid = child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .await
                .unwrap()
                .success()
        );
        assert!(child.wait().await.unwrap().success());
        assert_eq!(lines.next_line().await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_bad_setting_stops_the_start_with_a_line_that_names_it() {
    for (port, token, named) in [("0", "", "BUREAU_TOKEN"), ("http", TOKEN, "BUREAU_PORT")] {
        let output = program()
            .env("BUREAU_PORT", port)
            .env("BUREAU_TOKEN", token)
            .output()
            .await
            .unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success());
        assert!(
            text.starts_with("bureau-simulator: ") && text.contains(named),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1);
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bureau-simulator"));
    command
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}
