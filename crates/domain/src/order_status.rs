//! What the producer says about an order that it accepted (`infra/producer-api.yaml`).

use serde::{Deserialize, Serialize};

use crate::card::Failure;
use crate::ids::{OrderId, ProducerOrderId};

/// How far the producer is with an order, as of its answer or its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderStatus {
    pub order_id: OrderId,
    pub producer_order_id: ProducerOrderId,
    pub progress: Progress,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    Accepted,
    InProduction,
    /// Made and shipped.
    Produced(Shipment),
    /// The card will not come.
    Failed(Failure),
}

/// How a card that was produced travels, as far as the producer says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Shipment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}
