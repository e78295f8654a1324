//! What several kinds of tests need.

pub(crate) mod dynamo;
pub(crate) mod dynamo_faults;
pub(crate) mod dynamo_meter;
pub(crate) mod gateway;
pub(crate) mod memory;
pub(crate) mod webhook;
