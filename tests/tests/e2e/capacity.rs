use serde_json::json;

use super::bulk::user;
use super::stack::Stack;

const ORDERS: usize = 1_000;

#[tokio::test]
async fn a_drain_of_a_thousand_orders_costs_at_most_2_4_requests_an_order() {
    let stack = Stack::ready().await;
    // What other tests have left is not counted here.
    stack.drained().await;
    let run = stack.unique("bulk");
    // Without an address: what the emails cost is not counted here either.
    let users: Vec<_> = (0..ORDERS)
        .map(|n| user(&format!("{run}-{n}"), json!({})))
        .collect();
    stack.place_orders_for(&users).await;

    let (mut accepted, mut requests) = (0, 0);
    for _tick in 0..20 {
        let report = stack.drain().await;
        accepted += report["accepted"].as_u64().unwrap();
        requests += report["awsRequests"].as_u64().unwrap();
        if accepted >= ORDERS as u64 {
            break;
        }
    }
    assert_eq!(accepted, ORDERS as u64);
    let tenths = requests * 10 / ORDERS as u64;
    assert!(tenths <= 24, "{requests} requests for {ORDERS} orders");
    println!("{requests} AWS requests for {ORDERS} drained orders");
}
