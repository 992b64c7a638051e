//! Whatever text comes, hosts and URLs are read without a panic and without a second meaning.

use neustream_outbound::{Endpoint, Host, OriginPattern};
use proptest::prelude::*;

/// Text that looks enough like a URL to get far.
fn nearly_url() -> impl Strategy<Value = String> {
    let scheme = prop_oneof!["http", "https", "rtmp", "rtmps", "HTTP", "[a-z]{1,5}"];
    let joint = prop_oneof!["://", ":/", ":", "//", ":\\\\\\\\", "://@", "://\t"];
    let host = prop_oneof![
        "[0-9a-fA-FxX.]{1,20}",
        "[a-zA-Z0-9_.%@:-]{1,30}",
        "\\[[0-9a-f:.%]{0,30}\\]?",
        "[^/]{0,12}",
        "[０-９。．ａ-ｚ]{1,12}",
    ];
    let tail = prop_oneof!["", ":[0-9+-]{0,6}", "/[a-z?#@]{0,10}", "[\\\\?#].{0,10}"];
    (scheme, joint, host, tail).prop_map(|(scheme, joint, host, tail)| format!("{scheme}{joint}{host}{tail}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parsers_panic(text in ".{0,80}") {
        let _ = Host::parse(&text);
        let _ = Endpoint::parse(&text);
        let _ = text.parse::<OriginPattern>();
    }

    #[test]
    fn what_is_read_once_reads_the_same_again(url in nearly_url()) {
        if let Ok(endpoint) = Endpoint::parse(&url) {
            let again = Endpoint::parse(&endpoint.to_string());
            prop_assert_eq!(again, Ok(endpoint.clone()));
            let host = Host::parse(&endpoint.host.to_string());
            prop_assert_eq!(host, Ok(endpoint.host));
        }
    }

    #[test]
    fn no_name_is_an_address_to_another_parser(url in nearly_url()) {
        if let Ok(Endpoint { host: Host::Name(name), .. }) = Endpoint::parse(&url) {
            let last = name.rsplit('.').next().unwrap_or_default();
            let is_number = last.bytes().all(|b| b.is_ascii_digit())
                || last.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
            prop_assert!(!is_number, "inet_aton would read {} as an address", name);
            prop_assert!(name.bytes().all(|b| b.is_ascii_graphic() && !b"/\\?#@:%[]".contains(&b)), "{}", name);
        }
    }

    #[test]
    fn a_pattern_of_an_endpoint_means_that_endpoint(url in nearly_url()) {
        if let Ok(endpoint) = Endpoint::parse(&url) {
            let pattern: OriginPattern = endpoint.to_string().parse().expect("an endpoint is a pattern");
            prop_assert!(pattern.matches(&endpoint));
        }
    }
}
