//! The drains, which run all the time here, and an administrator who keeps changing the options.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::site::Site;
use crate::error::Error;

/// What EventBridge Scheduler sends to the drain.
const SCHEDULED: &[u8] = include_bytes!("../../../../events/drain-orders/scheduled.json");

/// The pause between two ticks of one drain.
const BETWEEN_TICKS: Duration = Duration::from_millis(200);

/// How long orders go one way before they go the other.
const SAME_OPTIONS: Duration = Duration::from_secs(12);
const LOOK: Duration = Duration::from_millis(500);

/// One tick. Whether it came to its end.
pub(super) async fn tick(site: &Site) -> Result<bool, Error> {
    let drain = site.stack.function("drain-orders")?;
    let tick = site.emulator.invoke(drain, SCHEDULED.to_vec()).await?;
    Ok(!tick.failed)
}

/// One tick after the other. Most of them are killed or fail.
pub(super) async fn drain(site: Arc<Site>, over: Arc<AtomicBool>) {
    while !over.load(Ordering::Relaxed) {
        let _ = tick(&site).await;
        tokio::time::sleep(BETWEEN_TICKS).await;
    }
}

/// Orders go through the queue for a while, then directly, then so again but with approval, and so on.
pub(super) async fn change_options(site: Arc<Site>, over: Arc<AtomicBool>) {
    let mut looks = 0_u32;
    while !over.load(Ordering::Relaxed) {
        tokio::time::sleep(LOOK).await;
        looks += 1;
        if LOOK * looks >= SAME_OPTIONS {
            looks = 0;
            // If it fails, the options stay as they are until the next time.
            let _ = other_options(&site).await;
        }
    }
}

async fn other_options(site: &Site) -> Result<(), Error> {
    let mut options = site.administrator(Method::GET, None).await?;
    if options.status == 200 {
        let delivery = &mut options.body["productionTypes"][0]["delivery"];
        if *delivery == "queue" {
            *delivery = json!("direct");
        } else {
            *delivery = json!("queue");
            let approval = &mut options.body["approval"]["single"];
            *approval = json!(*approval != true);
        }
        site.administrator(Method::PUT, Some(&options)).await?;
    }
    Ok(())
}
