use cardwright_domain::card::{Email, StateKind};
use cardwright_domain::options::Delivery;

use super::executor::Executor;
use super::fault::Calm;
use super::setting::{options, request, user};
use super::state::{Setting, World};

fn world(delivery: Delivery) -> Executor {
    let setting = Setting {
        users: vec![user(0, true)],
        options: options(delivery),
        seed: 1,
    };
    Executor::new(World::new(setting, Box::new(Calm)))
}

#[test]
fn an_order_in_a_world_without_faults_ends_ordered_with_one_email() {
    for delivery in [Delivery::Queue, Delivery::Direct] {
        let mut executor = world(delivery);
        let user_id = executor.world.state().users[0].user_id.clone();
        executor.order(request(&user_id, 1, None));
        executor.run();
        executor.settle();
        let state = executor.world.state();
        assert_eq!(state.violations, []);
        let card = state.cards.values().next().unwrap();
        assert_eq!(card.state.kind(), StateKind::Ordered, "{delivery:?}");
        assert!(matches!(card.email, Email::Sent { .. }));
        assert_eq!(
            (state.bureau.made(card.order_id()), state.post.taken.len()),
            (1, 1)
        );
    }
}
