//! The compiled galleries, each with a script of deeds and sometimes with less than it was made for.

use serde_json::json;

use crate::dice::Dice;
use crate::package::{manifest, with_manifest, without_custom_sections};
use crate::{Kind, Sample, Stock};

/// Deeds of every kind.
const DEEDS: [&str; 24] = [
    "loop",
    "fill",
    "copy",
    "memory-bomb",
    "recursion",
    "wide-recursion",
    "abort",
    "panic on purpose",
    "spin 100000",
    "spin 100000000",
    "giant 100",
    "giant 70000",
    "giant 20000000",
    "confess",
    "remember",
    "config",
    "giant-line",
    "giant-fields",
    "giant-words",
    "last-words",
    "log-flood",
    "call-flood",
    "metric-flood",
    "metric-names",
];

const OF_DESTINATIONS: [&str; 16] = [
    "big-state",
    "echo-secret https://api.hostile.test/",
    "send-stream-key https://api.hostile.test/",
    "steal-key rtmp://thief.example/live",
    "steal-key-by-backup rtmp://127.0.0.1/live",
    "token-as-key",
    "unknown-key",
    "long-key",
    "long-url",
    "another-scheme",
    "past",
    "kv-fill",
    "kv-keys",
    "kv-large-value",
    "get http://169.254.169.254/latest/meta-data/",
    "many-headers https://api.hostile.test/",
];

const OF_CHAT: [&str; 20] = [
    "publish-many 1000",
    "publish-many 40000",
    "publish-twice x",
    "publish-long 100000",
    "publish-extras 32769",
    "tiny-effects 32769",
    "tiny-effects 1000000",
    "connections 9",
    "connections 10000",
    "connect wss://127.0.0.1/",
    "lines tls://chat.hostile.test:22",
    "poll http://169.254.169.254/",
    "webhook",
    "connect-headers 32769",
    "transmit-many 10000",
    "transmit-giant 4000000",
    "requests 100 https://api.hostile.test/",
    "alarms 17",
    "state 65537",
    "status-long",
];

const OF_MODERATION: [&str; 16] = [
    "plan look-many 9 https://api.hostile.test/",
    "plan look-many 40000 https://api.hostile.test/",
    "plan look-headers 32769 https://api.hostile.test/",
    "plan look http://127.0.0.1/",
    "plan look-with api-token https://other.hostile.test/",
    "plan look-post 2000000 https://api.hostile.test/",
    "plan loop",
    "judge foreign",
    "judge twice",
    "judge many 32769",
    "judge many 1000000",
    "judge timeout",
    "judge replace 1000000",
    "judge long-reason",
    "judge odd-rule",
    "judge dice",
];

const OF_PAYMENTS: [&str; 16] = [
    "settle-less",
    "settle-more",
    "settle-currency",
    "settle-odd-currency",
    "settle-nameless",
    "deny https://api.hostile.test/",
    "send-and-trap https://api.hostile.test/",
    "not-sent",
    "unknown",
    "many-parameters 32769",
    "send-payer javascript:alert(1)",
    "long-id",
    "updates 32769",
    "updates 1000000",
    "kv-fill",
    "mac-flood webhook",
];

pub(crate) fn sample(stock: &Stock, number: u32, dice: &mut Dice) -> Sample {
    let kind = Kind::ALL[dice.below(4)];
    let own: &[&str] = match kind {
        Kind::Destination => &OF_DESTINATIONS,
        Kind::Chat => &OF_CHAT,
        Kind::Moderation => &OF_MODERATION,
        Kind::Payment => &OF_PAYMENTS,
    };
    let deeds: Vec<String> = (0..=dice.below(4))
        .map(|_| match (dice.is_one_in(2), kind) {
            (true, _) => dice.one_of(own).to_owned(),
            (false, Kind::Moderation) => format!("judge {}", dice.one_of(&DEEDS)),
            (false, _) => dice.one_of(&DEEDS).to_owned(),
        })
        .collect();
    let component = without_custom_sections(stock.gallery(kind));
    let mut manifest = manifest(kind, &stock.id(number));
    let mut name = format!("gallery: {} does {deeds:?}", kind.as_str());
    if dice.is_one_in(4) {
        let memory_mib = dice.number_of(&[1, 2, 4, 8]);
        manifest["limits"] = json!({ "memory-mib": memory_mib });
        name = format!("{name} with {memory_mib} MiB");
    }
    Sample { number, name, kind, package: with_manifest(&component, &manifest), deeds }
}
