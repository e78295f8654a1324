//! Counts what a client asks of DynamoDB: requests, and what its queries read.

use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextMut, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    pub(crate) requests: usize,
    /// Items that queries have read, returned or not.
    pub(crate) scanned: i32,
    /// Read units that queries have used.
    pub(crate) capacity: f64,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Meter(Arc<Mutex<Reading>>);

impl Meter {
    /// What was counted since the last reading.
    pub(crate) fn take(&self) -> Reading {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(query) = context.input_mut().downcast_mut::<QueryInput>() {
            query.return_consumed_capacity = Some(ReturnConsumedCapacity::Total);
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.lock().unwrap().requests += 1;
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let output = context.output_or_error().and_then(Result::ok);
        if let Some(query) = output.and_then(|output| output.downcast_ref::<QueryOutput>()) {
            let mut reading = self.0.lock().unwrap();
            reading.scanned += query.scanned_count();
            let capacity = query
                .consumed_capacity()
                .and_then(|used| used.capacity_units());
            reading.capacity += capacity.unwrap_or(0.0);
        }
        Ok(())
    }
}
