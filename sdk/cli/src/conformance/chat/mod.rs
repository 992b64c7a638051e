//! Rules of chat connectors.
//!
//! | file | concept |
//! |---|---|
//! | `steps` | what transcripts hand over, and what comes of it |
//! | `odd` | what makes no sense: frames, answers, states |
//! | `messages` | messages that come, by their ids: floods, redelivery, ids that no host takes |
//! | `connections` | what is opened, lost and opened again, and messages that are written meanwhile |
//! | `trust` | what the manifest permits, and who may deliver |

mod connections;
mod messages;
mod odd;
mod steps;
mod trust;

use super::Rule;
use connections::{logs_in_again, sends_are_settled, transmits_to_open_connections};
use messages::{ids_are_valid, redelivery_keeps_ids, state_within_limit};
pub(super) use odd::odd_events;
use odd::{survives_unknown_frames, survives_unknown_state};
use trust::{effects_are_permitted, forged_delivery_is_refused};

/// The rules.
pub(super) static RULES: [Rule; 10] = [
    Rule {
        name: "survives-unknown-frames",
        asks: "Frames and answers that make no sense are answered with a step: half lines, binary, broken JSON, a 500.",
        why: "The host hands the same events over until a step with them commits; an error or a trap stops the chat.",
        fix: "Skip what you cannot read, and go on.",
        check: survives_unknown_frames,
    },
    Rule {
        name: "survives-unknown-state",
        asks: "A state that is not the plugin's own is answered, with the error code `state-unreadable` or a step.",
        why: "A state may come from another version; the host then begins anew.",
        fix: "Answer an error with the code `state-unreadable` where the state cannot be read.",
        check: survives_unknown_state,
    },
    Rule {
        name: "state-within-limit",
        asks: "The state stays below a fifth short of 64 KiB, however many messages come.",
        why: "A step with a larger one is refused, and so are all that follow.",
        fix: "Forget the oldest of what you remember; bound every list in the state.",
        check: state_within_limit,
    },
    Rule {
        name: "logs-in-again",
        asks: "A connection that was lost and is opened again is logged in to again.",
        why: "Connections are lost every day; the host opens them again, and the plugin must speak first.",
        fix: "Do on every `opened` what you do on the first.",
        check: logs_in_again,
    },
    Rule {
        name: "sends-are-settled",
        asks: "Each `send` ends in sent or failed, or is being worked on: by a transmission, a request or a timer.",
        why: "The tenant waits to be told; what is forgotten looks as if it were on its way.",
        fix: "Answer sent, failed, or what leads to it; answer failed when the connection or the request is lost.",
        check: sends_are_settled,
    },
    Rule {
        name: "transmits-to-open-connections",
        asks: "Nothing is transmitted over a connection that is not open.",
        why: "The host drops it without a word.",
        fix: "Remember what is open, and keep what is to be sent until it is.",
        check: transmits_to_open_connections,
    },
    Rule {
        name: "effects-are-permitted",
        asks: "Connections, requests and secrets of the transcripts are within plugin.toml.",
        why: "The host carries out nothing else.",
        fix: "Add the host to [capabilities.connect] or [capabilities.http], and to the secret's hosts.",
        check: effects_are_permitted,
    },
    Rule {
        name: "ids-are-valid",
        asks: "Ids that a platform sends and the host does not take (empty, longer than 256 bytes, with control \
               characters) do not spoil the step.",
        why: "One bad id makes the whole step an error, and the same events come again.",
        fix: "Drop a message whose id the host does not take.",
        check: ids_are_valid,
    },
    Rule {
        name: "redelivery-keeps-ids",
        asks: "The same frames again lead to no message with another id.",
        why: "The host drops an id that it has; a new one would show the message twice.",
        fix: "Take the platform's own id, not a counter.",
        check: redelivery_keeps_ids,
    },
    Rule {
        name: "forged-delivery-is-refused",
        asks: "A webhook delivery of which a byte is another is answered with unauthorized.",
        why: "Anybody can send one.",
        fix: "Verify the raw body before reading it, and answer unauthorized.",
        check: forged_delivery_is_refused,
    },
];
