//! Whether holders are active, at the moment before an order leaves the house.

use std::collections::HashSet;

use cardwright_app::ports::{ActiveHolders, Result};
use cardwright_domain::ids::UserId;

use super::batch_get::Attributes;
use super::item::text_of;
use super::{Tables, keys};

/// How `UserState::Active` is stored.
const ACTIVE: &str = "active";

impl ActiveHolders for Tables {
    async fn active_holders(&self, ids: &[UserId]) -> Result<HashSet<UserId>> {
        let different: HashSet<_> = ids.iter().collect();
        let keys = different.iter().map(|id| keys::user_key(id)).collect();
        let only = Attributes::only(&[keys::USER_ID, keys::STATE]);
        let found = self.batch_get([(&self.users, keys)], Some(only)).await?;
        let active = found
            .into_values()
            .flatten()
            .filter(|user| text_of(user, keys::STATE) == ACTIVE);
        let ids = active.map(|user| UserId::parse(text_of(&user, keys::USER_ID)));
        Ok(ids.flatten().collect())
    }
}
