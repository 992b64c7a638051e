//! The made-up platforms of the example plugins, as `examples/plugins` and `docs/plugins` describe them.

mod chat;
mod live;
mod pay;

pub use chat::MadeUpChat;
pub use live::MadeUpLive;
pub use pay::MadeUpPay;
