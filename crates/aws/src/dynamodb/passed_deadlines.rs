//! Cards whose state is ended by time, from the sparse index `deadlines`.

use cardwright_app::ports::{PassedDeadlines, Result};
use cardwright_domain::card::Card;
use cardwright_domain::time::Time;

use super::{Tables, keys};

impl PassedDeadlines for Tables {
    async fn passed_deadlines(&self, now: Time, limit: usize) -> Result<Vec<Card>> {
        self.cards_by_time(&keys::DEADLINES, now, limit).await
    }
}
