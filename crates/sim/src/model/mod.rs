//! The protocol as a model for `stateright`.
