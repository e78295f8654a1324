//! Every limit of the adapters, with its unit last. What concerns a use case is limited in `crates/app`.

use std::time::Duration;

const fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

// ---- calls to AWS: below the shortest time limit of a function (10 s, infra/template.yaml) ----

/// How long connecting to an AWS service may take.
pub const AWS_CONNECT: Duration = seconds(1);

/// How long one try of a call may take. A receive that waits [`RECEIVE_WAIT_SECONDS`] fits.
pub const AWS_ATTEMPT: Duration = seconds(3);

/// How long a call with all its tries may take.
pub const AWS_OPERATION: Duration = seconds(8);

/// How often a call is tried, the first one counted.
pub const AWS_TRIES: u32 = 3;
