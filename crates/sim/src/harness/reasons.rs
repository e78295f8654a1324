//! Cells of the matrix that can't exist, each with its reason.

use crate::world::fault::{Call, Fault};

/// Why a call can't have this fault, as a key into [`REASONS`]; `None` if it can.
pub(crate) fn why_not(call: Call, fault: Fault) -> Option<char> {
    use Fault::*;
    if call.faults().contains(&fault) {
        return None;
    }
    let reads = matches!(
        call,
        Call::OrderContext | Call::ReadCard | Call::DueCards | Call::ActiveHolders
    );
    Some(match (call, fault) {
        (Call::DeleteMail, _) => 'e',
        (_, AnswerLost | AppliedLate) if reads => 'a',
        (_, Partial) if reads => 'b',
        (_, Conflict) => 'c',
        (_, Partial) => 'd',
        (Call::ReceiveOrders, AppliedLate | Lost) => 'f',
        (_, Twice) => 'g',
        (_, Lost | Doubled) => 'h',
        (_, Stale) => 'i',
        _ => 'k',
    })
}

pub(crate) const REASONS: [(char, &str); 10] = [
    ('a', "a read changes nothing: the same as not applied"),
    (
        'b',
        "the adapter asks for what is missing, or fails as a whole",
    ),
    (
        'c',
        "DynamoDB has conflicts on writes of single items and transactions only",
    ),
    ('d', "one entry, or all or nothing"),
    (
        'e',
        "the event source deletes the message, and brings it again if it could not",
    ),
    (
        'f',
        "messages that arrive nowhere are an answer that was lost",
    ),
    (
        'g',
        "the same as answer lost and asked again: under a token, or as the queue's doubled message",
    ),
    ('h', "no message is sent here"),
    ('i', "read with strong consistency, or no read"),
    (
        'k',
        "nobody decides anything about an order or an email here",
    ),
];
