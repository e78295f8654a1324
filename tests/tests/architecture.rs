//! Who may depend on whom, and that a function can link only what its role may use.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use serde_json::Value;

use crate::contract::CONTRACT;
use crate::support::gateway::function;

fn workspace() -> Metadata {
    MetadataCommand::new().no_deps().exec().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn dependencies(package: &Package) -> BTreeSet<&str> {
    let normal = package
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal);
    normal.map(|dependency| dependency.name.as_str()).collect()
}

fn functions(metadata: &Metadata) -> Vec<&Package> {
    let folder = root().join("functions");
    let packages = metadata.packages.iter();
    packages
        .filter(|package| package.manifest_path.starts_with(&folder))
        .collect()
}

#[test]
fn the_arrows_point_inwards() {
    let metadata = workspace();
    let allowed: BTreeMap<&str, &[&str]> = [
        ("cardwright-domain", &[][..]),
        ("cardwright-app", &["cardwright-domain"]),
        ("cardwright-aws", &["cardwright-app", "cardwright-domain"]),
        ("cardwright-api", &["cardwright-app", "cardwright-domain"]),
        ("bureau-simulator", &[]),
        ("cardwright-sim", &["cardwright-app", "cardwright-domain"]),
        (
            "cardwright-xtask",
            &["cardwright-app", "cardwright-aws", "cardwright-domain"],
        ),
    ]
    .into();
    let ours: BTreeSet<_> = metadata.packages.iter().map(|p| p.name.as_str()).collect();
    for package in &metadata.packages {
        let used = dependencies(package)
            .intersection(&ours)
            .copied()
            .collect::<BTreeSet<_>>();
        let Some(allowed) = allowed.get(package.name.as_str()) else {
            continue;
        };
        let allowed = allowed.iter().copied().collect();
        assert!(used.is_subset(&allowed), "{} uses {used:?}", package.name);
    }
    for package in functions(&metadata) {
        let used: BTreeSet<_> = dependencies(package).intersection(&ours).copied().collect();
        let allowed = ["cardwright-api", "cardwright-app", "cardwright-aws"].into();
        assert!(used.is_subset(&allowed), "{} uses {used:?}", package.name);
    }
}

#[test]
fn the_inner_crates_know_no_aws_no_http_and_no_runtime() {
    let metadata = workspace();
    let outside = |name: &str| {
        name.starts_with("aws")
            || name.starts_with("lambda")
            || name.starts_with("hyper")
            || ["tokio", "http", "reqwest", "fastrand", "rand"].contains(&name)
    };
    for package in &metadata.packages {
        let inner = ["cardwright-domain", "cardwright-app"].contains(&package.name.as_str());
        let foreign: Vec<_> = dependencies(package)
            .into_iter()
            .filter(|name| inner && outside(name))
            .collect();
        assert!(foreign.is_empty(), "{} uses {foreign:?}", package.name);
    }
    let knows_http = |package: &&Package| dependencies(package).contains("lambda_http");
    for package in metadata.packages.iter().filter(knows_http) {
        let above = package.manifest_path.starts_with(root().join("functions"));
        assert!(
            above || package.name == "cardwright-api",
            "{}",
            package.name
        );
    }
}

#[test]
fn the_domain_awaits_nothing() {
    let folder = root().join("crates/domain/src");
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(
                    !text.contains("async ") && !text.contains(".await"),
                    "{path:?}"
                );
            }
        }
    }
}

#[test]
fn a_functions_main_only_wires() {
    let metadata = workspace();
    for package in functions(&metadata) {
        let main = package.manifest_path.with_file_name("src").join("main.rs");
        let text = std::fs::read_to_string(&main).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("//")).count();
        assert!(lines <= 30, "{main} has {lines} lines");
        assert!(
            !text.contains("if ") && !text.contains("match "),
            "{main} decides something"
        );
    }
}

/// `order-card` is `OrderCard` in the template.
fn pascal(function: &str) -> String {
    let words = function.split('-');
    words
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect()
}

/// The part of the template that belongs to one function: its resource and its role.
fn policy_of(template: &str, function: &str) -> String {
    let pascal = pascal(function);
    let mut lines = template
        .lines()
        .skip_while(|line| *line != format!("  {pascal}Role:"));
    let first = lines
        .next()
        .unwrap_or_else(|| panic!("the template has no {pascal}Role"));
    let resource = lines.take_while(|line| line.is_empty() || line.starts_with("   "));
    std::iter::once(first)
        .chain(resource)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_function_links_a_service_only_if_its_role_may_use_it() {
    let metadata = workspace();
    let template = std::fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let functions = functions(&metadata);
    assert_eq!(functions.len(), 14);
    for package in functions {
        let policy = policy_of(&template, &package.name);
        let aws = package
            .dependencies
            .iter()
            .find(|d| d.name == "cardwright-aws")
            .unwrap();
        for (feature, action) in [
            ("sqs", "sqs:"),
            ("ses", "ses:"),
            ("producer", "secretsmanager:GetSecretValue"),
        ] {
            let links = aws.features.iter().any(|enabled| enabled == feature);
            // The event source of the mail function reads its queue by the function's role.
            let may = policy.lines().any(|line| line.contains(action));
            assert_eq!(
                links, may,
                "{}: feature {feature}, role {action}",
                package.name
            );
        }
        assert!(
            !policy.contains(":*'") && !policy.contains(":*\""),
            "{}: wildcard",
            package.name
        );
        assert!(
            aws.uses_default_features,
            "features are additive and none is the default"
        );
    }
}

/// The resources of one type, by name.
fn resources<'a>(template: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let all = template["Resources"].as_object().unwrap().iter();
    let fitting = all.filter(|(_, resource)| resource["Type"] == kind);
    fitting
        .map(|(name, resource)| (name.as_str(), &resource["Properties"]))
        .collect()
}

#[test]
fn the_gateway_has_the_routes_of_the_contract_and_lets_in_nobody_without_a_token_but_who_signs() {
    let template = std::fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let template: Value = serde_saphyr::from_str(&template).unwrap();
    let integrations = resources(&template, "AWS::ApiGatewayV2::Integration");
    let mut routes = BTreeMap::new();
    for route in resources(&template, "AWS::ApiGatewayV2::Route").into_values() {
        let target = route["Target"].as_str().unwrap();
        let integration = target.strip_prefix("integrations/${").unwrap();
        let integration = integrations[integration.strip_suffix('}').unwrap()];
        let function = integration["IntegrationUri"].as_str().unwrap();
        let function = function.strip_suffix(".Arn").unwrap().to_owned();
        let has_authorizer = route["AuthorizerId"] == "TokenAuthorizer";
        let asks_for = route["AuthorizationType"].as_str().unwrap();
        assert_eq!(asks_for == "JWT", has_authorizer, "{route}");
        let route_key = route["RouteKey"].as_str().unwrap().to_owned();
        routes.insert(route_key, (function, asks_for));
    }
    let described = CONTRACT.operations.iter();
    let described = described.map(|operation| {
        let route_key = operation.route_key();
        let asks_for = if operation.is_signed { "NONE" } else { "JWT" };
        let function = pascal(function(&route_key));
        (route_key, (function, asks_for))
    });
    let described: BTreeMap<_, _> = described.collect();
    assert_eq!(routes, described);
}
