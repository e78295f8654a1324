//! What the documents promise is there: a page per problem type and per alarm, and links that lead somewhere.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

fn pages(folder: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(root().join(folder)).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| Some(name.strip_suffix(".md")?.to_owned()))
        .filter(|name| name != "README")
        .collect()
}

/// Every word that follows `before` in the text.
fn words_after(text: &str, before: &str) -> BTreeSet<String> {
    let word = |rest: &str| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    text.split(before)
        .skip(1)
        .map(word)
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn every_problem_type_of_the_contract_has_a_page() {
    let types = words_after(
        &read("infra/api.yaml"),
        "https://cardwright.example/problems/",
    );
    let pages = pages("docs/problems");
    let missing: Vec<_> = types.difference(&pages).collect();
    assert!(types.len() > 20 && missing.is_empty(), "{missing:?}");
    // The gateway's own refusals have a page but no problem type.
    let more: Vec<_> = pages.difference(&types).collect();
    assert_eq!(more, ["too-many-requests"]);
}

#[test]
fn every_alarm_has_a_runbook_and_every_runbook_an_alarm() {
    let alarms = words_after(
        &read("infra/template.yaml"),
        "AlarmName: !Sub ${AWS::StackName}-",
    );
    assert_eq!(alarms, pages("docs/runbooks"));
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut documents = vec!["README.md".into(), "ARCHITECTURE.md".into()];
    for folder in [
        "docs",
        "docs/problems",
        "docs/runbooks",
        "events",
        "infra/bureau-simulator",
    ] {
        let files = std::fs::read_dir(root().join(folder)).unwrap();
        let paths = files.map(|file| Path::new(folder).join(file.unwrap().file_name()));
        documents.extend(paths.filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    for document in documents {
        let text = std::fs::read_to_string(root().join(&document)).unwrap();
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
        {
            let target = target.0.split('#').next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            let path: PathBuf = root().join(&document).parent().unwrap().join(target);
            assert!(path.exists(), "{} links to {target}", document.display());
        }
    }
}

#[test]
fn every_function_has_events() {
    for function in std::fs::read_dir(root().join("functions")).unwrap() {
        let events = root().join("events").join(function.unwrap().file_name());
        assert!(events.is_dir(), "{} is missing", events.display());
    }
}
