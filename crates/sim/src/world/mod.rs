//! The use cases of `crates/app` on ports in memory, with faults and a virtual clock.
