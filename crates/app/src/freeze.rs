//! What an order keeps of its user and of the options, whatever becomes of these.

use cardwright_domain::card::{Email, Frozen, Holder, barred_approvers};
use cardwright_domain::ids::Actor;
use cardwright_domain::options::Options;
use cardwright_domain::production_type::ProductionType;
use cardwright_domain::refusal::Refusal;
use cardwright_domain::user::User;

/// # Errors
/// The user lacks what the production type needs, or has what it does not take.
pub(crate) fn freeze(
    user: &User,
    options: &Options,
    production_type: &ProductionType,
    requested_by: &Actor,
) -> Result<Frozen, Refusal> {
    let data = production_type.card_data(&options.mapping, user);
    // There is at least one, and an order is refused for the first.
    let data = data.map_err(|mut refusals| refusals.swap_remove(0))?;
    let email = match (options.card_ordered_email.enabled, &user.email) {
        (true, Some(_)) => Email::Pending,
        (true, None) => Email::Undeliverable {
            reason: "the holder has no address".into(),
        },
        (false, _) => Email::Off,
    };
    let holder = Holder {
        user_id: user.user_id.clone(),
        common_name: user.common_name.clone(),
        upn: user.upn.clone(),
        email: user.email.clone(),
    };
    let barred_approvers = if options.approval.own_orders {
        Vec::new()
    } else {
        barred_approvers(requested_by, &holder)
    };
    Ok(Frozen {
        holder,
        data,
        producer_fields: production_type.fields.clone(),
        barred_approvers,
        options_version: options.version,
        email,
    })
}
