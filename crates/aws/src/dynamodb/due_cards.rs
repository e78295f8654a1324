//! The sweep's list: cards whose due time has passed, from the sparse index `due`.

use cardwright_app::ports::{DueCards, Result};
use cardwright_domain::card::Card;
use cardwright_domain::time::Time;

use super::{Tables, keys};

impl DueCards for Tables {
    async fn due_cards(&self, now: Time, limit: usize) -> Result<Vec<Card>> {
        self.cards_by_time(&keys::DUE, now, limit).await
    }
}
