//! What an alarm watches, read from the template, and what the functions have counted for it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::stack::Stack;

/// The stage of the local stack, which the metrics of the functions carry.
const STAGE: &str = "local";

/// An alarm of the template.
#[derive(Debug)]
pub(crate) struct Alarm {
    pub(crate) namespace: String,
    pub(crate) metric: String,
    operator: String,
    threshold: f64,
}

impl Alarm {
    /// The alarm with this runbook.
    pub(crate) fn named(name: &str) -> Self {
        let ending = format!("${{AWS::StackName}}-{name}");
        let template: Value =
            serde_saphyr::from_str(include_str!("../../../../infra/template.yaml")).unwrap();
        let alarm = template["Resources"]
            .as_object()
            .unwrap()
            .values()
            .map(|resource| &resource["Properties"])
            .find(|alarm| alarm["AlarmName"] == ending.as_str())
            .unwrap_or_else(|| panic!("the template has no alarm {name}"));
        let text = |name: &str| alarm[name].as_str().unwrap().to_owned();
        Self {
            namespace: text("Namespace"),
            metric: text("MetricName"),
            operator: text("ComparisonOperator"),
            threshold: alarm["Threshold"].as_f64().unwrap(),
        }
    }

    /// Whether this value of its metric raises it.
    pub(crate) fn is_raised_by(&self, value: f64) -> bool {
        match self.operator.as_str() {
            "GreaterThanThreshold" => value > self.threshold,
            "GreaterThanOrEqualToThreshold" => value >= self.threshold,
            "LessThanThreshold" => value < self.threshold,
            other => panic!("no alarm has been compared by {other} so far"),
        }
    }
}

impl Stack {
    /// A function without its table fails, which raises this alarm, and says why. It has its table again
    /// afterwards.
    pub(crate) async fn fails_by_a_wrong_setting(&self, function: &str, alarm: &str) {
        assert_eq!(Alarm::named(alarm).metric, "Errors");
        let since = self.now_in(function).await;
        let wrong = [("CARDS_TABLE", "removed")];
        let failed = self.with_settings(function, &wrong, async {
            self.try_invoke(function, &json!({})).await.unwrap_err()
        });
        let failed = failed.await;
        let errors = self.errors_of(function, since).await;
        let named = |line: &Value| line["error"].to_string().contains("ResourceNotFound");
        assert!(errors.iter().any(named), "{failed}: {errors:?}");
    }

    /// What a function has logged so far, line by line.
    pub(crate) async fn lines_of(&self, function: &str) -> Vec<Value> {
        let name = self.settings["functions"][function].as_str().unwrap();
        let request = json!({"logGroupName": format!("/aws/lambda/{name}"), "limit": 10_000});
        let events = self
            .aws_json("Logs_20140328.FilterLogEvents", &request)
            .await;
        let events = events["events"].as_array().cloned().unwrap_or_default();
        let lines = events.iter().filter_map(|event| event["message"].as_str());
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// The largest value that a function has counted under the alarm's metric since it had logged so
    /// many lines. The alarms look at the stage alone, so the line must say that it counts there.
    pub(crate) async fn counted(&self, alarm: &Alarm, function: &str, since: usize) -> f64 {
        let lines = self.lines_of(function).await;
        let counted = lines[since..].iter().filter(|line| {
            let metrics = &line["_aws"]["CloudWatchMetrics"][0];
            metrics["Namespace"] == alarm.namespace.as_str()
                && metrics["Metrics"][0]["Name"] == alarm.metric.as_str()
                && metrics["Dimensions"]
                    .as_array()
                    .unwrap()
                    .contains(&json!(["Stage"]))
                && line["Stage"] == STAGE
        });
        let values = counted.map(|line| line[&alarm.metric].as_f64().unwrap());
        values.fold(0.0, f64::max)
    }

    /// Asserts that what the function has counted since then raises the alarm.
    pub(crate) async fn assert_raised(&self, alarm: &str, function: &str, since: usize) {
        let name = alarm;
        let alarm = Alarm::named(alarm);
        // The emulator writes the lines down a little after the invocation.
        for _ in 0..200 {
            let value = self.counted(&alarm, function, since).await;
            if alarm.is_raised_by(value) {
                return;
            }
        }
        panic!("nothing that {function} has counted raises {name}: {alarm:?}");
    }

    /// ERROR lines of a function since it had logged so many lines.
    pub(crate) async fn errors_of(&self, function: &str, since: usize) -> Vec<Value> {
        let lines = self.lines_of(function).await.split_off(since);
        lines
            .into_iter()
            .filter(|line| line["level"] == "ERROR")
            .collect()
    }

    /// Invokes a function; gives its answer, or its error.
    pub(crate) async fn try_invoke(&self, function: &str, event: &Value) -> Result<Value, Value> {
        let name = self.settings["functions"][function].as_str().unwrap();
        let path = format!("/2015-03-31/functions/{name}/invocations");
        let request = self
            .http
            .post(format!("{}{path}", self.setting("awsEndpoint")));
        let response = request.json(event).send().await.unwrap();
        let failed = response.headers().contains_key("x-amz-function-error")
            || !response.status().is_success();
        let answer: Value = response.json().await.unwrap_or_default();
        if failed { Err(answer) } else { Ok(answer) }
    }

    /// A call to a service that speaks REST.
    pub(crate) async fn rest(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.setting("awsEndpoint"));
        let response = self
            .http
            .request(method, url)
            .json(body)
            .send()
            .await
            .unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Gives a function other settings while something is tried, and the right ones again after it,
    /// whatever comes of it: the other tests share the stack.
    pub(crate) async fn with_settings<T>(
        &self,
        function: &str,
        changes: &[(&str, &str)],
        trial: impl Future<Output = T>,
    ) -> T {
        let name = self.settings["functions"][function].as_str().unwrap();
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let configuration = self.rest(reqwest::Method::GET, &path, &Value::Null).await;
        let right = &configuration["Environment"]["Variables"];
        let mut variables: BTreeMap<String, String> =
            serde_json::from_value(right.clone()).unwrap();
        for (name, value) in changes {
            variables.insert((*name).to_owned(), (*value).to_owned());
        }
        let put = |variables: Value| {
            let body = json!({"Environment": {"Variables": variables}});
            let path = &path;
            async move { self.rest(reqwest::Method::PUT, path, &body).await }
        };
        put(json!(variables)).await;
        let outcome = whatever_comes(trial).await;
        put(right.clone()).await;
        outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// Runs a trial to its end, even to a panic, so that what it needed can be put back.
pub(crate) async fn whatever_comes<T>(trial: impl Future<Output = T>) -> std::thread::Result<T> {
    use futures_util::FutureExt;
    std::panic::AssertUnwindSafe(trial).catch_unwind().await
}
