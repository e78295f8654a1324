use std::sync::Mutex;

use cardwright_app::error::PortError;
use cardwright_app::ports::Result as Answer;
use cardwright_domain::time::Time;
use serde_json::{Value, json};

use super::*;

// The example of the specification's own libraries, so that a slip of ours can't agree with itself.
const KEY: &str = "C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
const SENT: i64 = 1_649_367_553;
const BODY: &str = r#"{"email":"test@example.com","username":"test_user"}"#;
const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";

const OTHER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What each look at the keys brings, the last one for ever, and the time.
struct World {
    keys: Mutex<Vec<Vec<&'static str>>>,
    now: &'static str,
}

fn signing_key(text: &str) -> SigningKey {
    SigningKey::new(STANDARD.decode(text).unwrap())
}

/// The keys that are known at first, and those that are read then.
fn world(keys: &[&[&'static str]]) -> World {
    World {
        keys: Mutex::new(keys.iter().map(|keys| keys.to_vec()).collect()),
        now: "2022-04-07T21:39:14Z",
    }
}

impl SigningKeys for World {
    async fn signing_keys(&self, did_not_fit: bool) -> Answer<Vec<SigningKey>> {
        let mut keys = self.keys.lock().unwrap();
        if did_not_fit && keys.len() > 1 {
            keys.remove(0);
        }
        match keys.first() {
            Some(keys) => Ok(keys.iter().map(|key| signing_key(key)).collect()),
            None => Err(PortError::new("secretsmanager.GetSecretValue", "no answer")),
        }
    }
}

impl Clock for World {
    fn now(&self) -> Time {
        self.now.parse().unwrap()
    }
}

fn delivery() -> Value {
    json!({
        "headers": {
            "webhook-id": ID,
            "webhook-timestamp": SENT.to_string(),
            "webhook-signature": SIGNATURE,
        },
        "body": BODY,
    })
}

async fn check(world: &World, event: Value) -> Result<String, &'static str> {
    let event = serde_json::from_value(event).unwrap();
    let verified = verified(event, world, world).await;
    let id = |delivery: Delivery| {
        assert_eq!(delivery.body, BODY.as_bytes());
        delivery.id.as_str().to_owned()
    };
    verified.map(id).map_err(|problem| problem.slug())
}

const INVALID: Result<String, &str> = Err("webhook-signature-invalid");

#[tokio::test]
async fn one_key_that_fits_one_signature_is_enough() {
    let signatures = [
        SIGNATURE.to_owned(),
        format!("v1,AAAA {SIGNATURE}"),
        format!("v2,x {SIGNATURE} v1,"),
    ];
    for signature in signatures {
        for keys in [&[KEY][..], &[OTHER_KEY, KEY]] {
            let mut delivery = delivery();
            delivery["headers"]["webhook-signature"] = signature.clone().into();
            assert_eq!(check(&world(&[keys]), delivery).await, Ok(ID.to_owned()));
        }
    }
    let mut encoded = delivery();
    encoded["body"] = STANDARD.encode(BODY).into();
    encoded["isBase64Encoded"] = true.into();
    assert_eq!(check(&world(&[&[KEY]]), encoded).await, Ok(ID.to_owned()));
}

#[tokio::test]
async fn keys_that_were_changed_are_found() {
    let world = world(&[&[OTHER_KEY], &[KEY]]);
    assert_eq!(check(&world, delivery()).await, Ok(ID.to_owned()));
}

#[tokio::test]
async fn whatever_was_signed_may_not_be_changed() {
    let world = world(&[&[KEY]]);
    for (place, other) in [
        ("/headers/webhook-id", "msg_other"),
        ("/headers/webhook-timestamp", "1649367554"),
        ("/headers/webhook-timestamp", "+1649367553"),
        ("/body", "{}"),
        ("/headers/webhook-signature", "v1,AAAA"),
        (
            "/headers/webhook-signature",
            "tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
        (
            "/headers/webhook-signature",
            "v2,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
        ("/headers/webhook-signature", ""),
        ("/headers/webhook-id", ""),
        ("/headers/webhook-id", "msg.1"),
        ("/headers/webhook-timestamp", "soon"),
        ("/headers/webhook-timestamp", "99999999999999999999"),
    ] {
        let mut delivery = delivery();
        *delivery.pointer_mut(place).unwrap() = other.into();
        assert_eq!(check(&world, delivery).await, INVALID, "{place}: {other}");
    }
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        let mut delivery = delivery();
        delivery["headers"].as_object_mut().unwrap().remove(name);
        assert_eq!(check(&world, delivery).await, INVALID, "{name}");
    }
}

#[tokio::test]
async fn another_key_does_not_fit() {
    assert_eq!(check(&world(&[&[OTHER_KEY]]), delivery()).await, INVALID);
}

#[tokio::test]
async fn a_delivery_is_taken_within_five_minutes_either_way() {
    for (now, taken) in [
        ("2022-04-07T21:44:13Z", true),
        ("2022-04-07T21:44:14Z", false),
        ("2022-04-07T21:34:13Z", true),
        ("2022-04-07T21:34:12Z", false),
    ] {
        let world = World {
            now,
            ..world(&[&[KEY]])
        };
        let expected = if taken {
            Ok(ID.to_owned())
        } else {
            Err("webhook-timestamp-invalid")
        };
        assert_eq!(check(&world, delivery()).await, expected, "{now}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_and_keys_that_do_not_answer_have_problems_of_their_own() {
    let mut large = delivery();
    large["body"] = "x".repeat(MAX_BODY_BYTES + 1).into();
    assert_eq!(check(&world(&[&[KEY]]), large).await, Err("body-too-large"));
    let unavailable = check(&world(&[]), delivery()).await;
    assert_eq!(unavailable, Err("temporarily-unavailable"));
    let mut broken = delivery();
    broken["isBase64Encoded"] = true.into();
    assert_eq!(check(&world(&[&[KEY]]), broken).await, INVALID);
}
